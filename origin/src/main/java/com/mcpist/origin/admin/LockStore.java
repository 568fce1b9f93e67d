package com.mcpist.origin.admin;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.StatementContext;

/** The deployment lock's statements. */
final class LockStore {
  private static final String COLUMNS = "owner, purpose, since, expires_at";

  /** One statement decides, by the database's clock, whoever else asks at the same time. */
  private static final String TAKE =
      """
      insert into deployment_lock as held (token, owner, purpose, since, expires_at)
      values (:token, :owner, :purpose, clock_timestamp(),
        clock_timestamp() + make_interval(secs => :ttl))
      on conflict (the_one) do update set
        token = excluded.token, owner = excluded.owner, purpose = excluded.purpose,
        since = case when held.token = excluded.token then held.since else clock_timestamp() end,
        expires_at = clock_timestamp() + make_interval(secs => :ttl)
      where held.token = excluded.token or held.expires_at <= clock_timestamp()
      returning
      """
          + COLUMNS;

  private LockStore() {}

  /** Empty when another token has it. */
  static Optional<DeploymentLock> take(
      Handle handle, UUID token, String owner, String purpose, int ttlSeconds) {
    return handle
        .createQuery(TAKE)
        .bind("token", token)
        .bind("owner", owner)
        .bind("purpose", purpose)
        .bind("ttl", ttlSeconds)
        .map(LockStore::read)
        .findOne();
  }

  /** The row as it is; in a transaction that has failed to take it, the one that was in the way. */
  static DeploymentLock holder(Handle handle) {
    return handle
        .createQuery("select " + COLUMNS + " from deployment_lock")
        .map(LockStore::read)
        .one();
  }

  /** Who has it now. */
  static Optional<DeploymentLock> current(Handle handle) {
    return handle
        .createQuery(
            "select " + COLUMNS + " from deployment_lock where expires_at > clock_timestamp()")
        .map(LockStore::read)
        .findOne();
  }

  static void giveUp(Handle handle, UUID token) {
    handle
        .createUpdate("delete from deployment_lock where token = :token")
        .bind("token", token)
        .execute();
  }

  private static DeploymentLock read(ResultSet row, StatementContext context) throws SQLException {
    return new DeploymentLock(
        row.getString("owner"),
        row.getString("purpose"),
        row.getObject("since", OffsetDateTime.class).toInstant(),
        row.getObject("expires_at", OffsetDateTime.class).toInstant());
  }
}
