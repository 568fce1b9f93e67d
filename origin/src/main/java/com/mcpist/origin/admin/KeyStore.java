package com.mcpist.origin.admin;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.StatementContext;
import org.jspecify.annotations.Nullable;

/** The statements of API keys. */
final class KeyStore {
  private static final String COLUMNS = "id, name, user_id, created_at, expires_at, revoked_at";

  private static final String PUT =
      """
      insert into api_key (id, digest, name, user_id, created_at, expires_at)
      values (:id, decode(:digest, 'hex'), :name, :user, clock_timestamp(), :expires)
      on conflict do nothing
      returning
      """
          + COLUMNS;

  /** Of several that had the name the one that works, or else the last. */
  private static final String REVOKE =
      """
      update api_key set revoked_at = coalesce(revoked_at, clock_timestamp())
      where id = (
        select id from api_key where id::text = lower(:key) or name = :key
        order by revoked_at desc nulls first, created_at desc limit 1)
      returning
      """
          + COLUMNS;

  private KeyStore() {}

  /** The key as it is stored; empty where its digest or its name is another one's. */
  static Optional<Key> put(
      Handle handle, UUID id, String digest, String name, String user, @Nullable Instant expires) {
    return handle
        .createQuery(PUT)
        .bind("id", id)
        .bind("digest", digest)
        .bind("name", name)
        .bind("user", user)
        .bindByType(
            "expires",
            expires == null ? null : expires.atOffset(ZoneOffset.UTC),
            OffsetDateTime.class)
        .map(KeyStore::read)
        .findOne();
  }

  static Optional<Key> byDigest(Handle handle, String digest) {
    return handle
        .createQuery("select " + COLUMNS + " from api_key where digest = decode(:digest, 'hex')")
        .bind("digest", digest)
        .map(KeyStore::read)
        .findOne();
  }

  static List<Key> newest(Handle handle, int limit) {
    return handle
        .createQuery(
            "select " + COLUMNS + " from api_key order by created_at desc, id desc limit :limit")
        .bind("limit", limit)
        .map(KeyStore::read)
        .list();
  }

  static Optional<Key> revoke(Handle handle, String idOrName) {
    return handle.createQuery(REVOKE).bind("key", idOrName).map(KeyStore::read).findOne();
  }

  private static Key read(ResultSet row, StatementContext context) throws SQLException {
    return new Key(
        row.getObject("id", UUID.class),
        row.getString("name"),
        row.getString("user_id"),
        row.getObject("created_at", OffsetDateTime.class).toInstant(),
        instant(row, "expires_at"),
        instant(row, "revoked_at"));
  }

  private static @Nullable Instant instant(ResultSet row, String column) throws SQLException {
    @Nullable OffsetDateTime time = row.getObject(column, OffsetDateTime.class);
    return time == null ? null : time.toInstant();
  }
}
