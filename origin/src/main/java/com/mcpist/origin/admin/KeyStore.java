package com.mcpist.origin.admin;

import com.mcpist.origin.auth.Access;
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
  private static final String COLUMNS =
      "id, name, user_id, created_at, expires_at, revoked_at, left(encode(digest, 'hex'), "
          + Access.SHOWN_DIGITS
          + ") as fingerprint";

  /** By the same clock for all rows of a statement, so that their order is one. */
  private static final String WORKS =
      "(revoked_at is null and (expires_at is null or expires_at > statement_timestamp()))";

  private static final String PAGE =
      """
      select $columns from api_key
      where cast(:after as uuid) is null or ($works, created_at, id)
        < (select $works, created_at, id from api_key where id = cast(:after as uuid))
      order by $works desc, created_at desc, id desc
      limit :limit
      """
          .replace("$columns", COLUMNS)
          .replace("$works", WORKS);

  /**
   * The name of a key that has expired is free, but the index of names knows only of revocation: no
   * index can ask the clock. So such a key is revoked as of its end, which changes nothing of what
   * it opens. Of two who take the name at once the second waits here, and finds the first's key.
   */
  private static final String FREE_NAME =
      """
      update api_key set revoked_at = expires_at
      where name = :name and revoked_at is null and expires_at <= clock_timestamp()
      """;

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

  /**
   * How many keys there are.
   *
   * @param working those that are neither revoked nor expired
   */
  record Counts(long total, long working) {}

  /**
   * The key as it is stored; empty where its digest is another one's, or its name one's that works.
   */
  static Optional<Key> put(
      Handle handle, UUID id, String digest, String name, String user, @Nullable Instant expires) {
    handle.createUpdate(FREE_NAME).bind("name", name).execute();
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

  /**
   * Those that work first, then the newest: no number of others hides one that works.
   *
   * @param after the last key of the page before; null: the first page
   */
  static List<Key> page(Handle handle, int limit, @Nullable UUID after) {
    return handle
        .createQuery(PAGE)
        .bind("limit", limit)
        .bindByType("after", after, UUID.class)
        .map(KeyStore::read)
        .list();
  }

  static Counts count(Handle handle) {
    return handle
        .createQuery("select count(*), count(*) filter (where " + WORKS + ") from api_key")
        .map((row, context) -> new Counts(row.getLong(1), row.getLong(2)))
        .one();
  }

  static Optional<Key> revoke(Handle handle, String idOrName) {
    return handle.createQuery(REVOKE).bind("key", idOrName).map(KeyStore::read).findOne();
  }

  private static Key read(ResultSet row, StatementContext context) throws SQLException {
    return new Key(
        row.getObject("id", UUID.class),
        row.getString("fingerprint"),
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
