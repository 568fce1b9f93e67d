package com.mcpist.origin.admin;

import com.fasterxml.uuid.Generators;
import com.fasterxml.uuid.impl.TimeBasedEpochGenerator;
import com.mcpist.origin.auth.Access;
import com.mcpist.origin.mcp.Json;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.StatementContext;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** What can be done with API keys. Whoever makes one sends its digest: no key comes here. */
record Keys(AdminTransactions transactions) {
  private static final int LONGEST_NAME = 200;
  private static final int MOST = 1_000;
  private static final Pattern DIGEST = Pattern.compile("[0-9a-f]{64}");
  private static final String DIGEST_FORM = "must be SHA-256 in lower-case hex";
  private static final Pattern UUID_FORM =
      Pattern.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", Pattern.CASE_INSENSITIVE);

  private static final TimeBasedEpochGenerator IDS = Generators.timeBasedEpochGenerator();

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

  AdminReply run(AdminRequest request) throws AdminProblem {
    if (request.one()) {
      request.only("DELETE");
      return revoke(request.name());
    }
    return switch (request.method()) {
      case "GET" -> page(request.limit(MOST), request.after());
      case "POST" -> create(Fields.of(request.body()));
      default -> throw AdminProblem.wrongMethod("GET, POST");
    };
  }

  private AdminReply page(int limit, @Nullable String last) throws AdminProblem {
    @Nullable UUID after = last == null ? null : Fields.uuid("after", last);
    return AdminReply.ok(
        transactions.run(
            h -> {
              ObjectNode body = count(h);
              body.putArray("keys").addAll(page(h, limit, after));
              return body;
            }));
  }

  /**
   * Whose a key is that somebody has found. None is an answer too: an origin of a release that does
   * not know this path must not be taken for one that does not know the key.
   */
  AdminReply ofDigest(AdminRequest request) throws AdminProblem {
    if (!request.one()) {
      throw AdminProblem.notFound();
    }
    request.only("GET");
    String digest = request.path().getLast();
    if (!DIGEST.matcher(digest).matches()) {
      throw AdminProblem.badRequest("The digest " + DIGEST_FORM + ".");
    }
    return AdminReply.of("key", transactions.run(h -> byDigest(h, digest)));
  }

  private AdminReply create(Fields fields) throws AdminProblem {
    String name = name(fields);
    String user = fields.matching("user", Access.USER, "must be 1 to 255 visible ASCII characters");
    if (user.startsWith(Access.KEY_USER)) {
      throw AdminProblem.badRequest("user must not begin with " + Access.KEY_USER);
    }
    String digest = fields.matching("digest", DIGEST, DIGEST_FORM);
    @Nullable Instant expires = fields.instantIfAny("expires");
    fields.end();
    if (expires != null && !expires.isAfter(Instant.now())) {
      throw AdminProblem.badRequest("expires must be in the future.");
    }
    UUID id = IDS.generate();
    Optional<ObjectNode> stored =
        transactions.run(
            h -> put(h, id, digest, name, user, expires).or(() -> byDigest(h, digest)));
    ObjectNode key = stored.orElseThrow(AdminProblem::nameTaken);
    if (!isOf(key, name, user, expires)) {
      throw AdminProblem.badRequest("digest is of a key that is there, or was: make another key.");
    }
    return AdminReply.created(key.without(List.of("fingerprint", "revoked")));
  }

  private static boolean isOf(ObjectNode key, String name, String user, @Nullable Instant expires) {
    Optional<Instant> end = key.path("expires").stringValueOpt().map(Instant::parse);
    return key.path("revoked").isNull()
        && key.path("name").stringValue().equals(name)
        && key.path("user").stringValue().equals(user)
        && end.map(Keys::stored).equals(Optional.ofNullable(expires).map(Keys::stored));
  }

  /** As precise as the database keeps it. */
  private static Instant stored(Instant instant) {
    return instant.truncatedTo(ChronoUnit.MILLIS);
  }

  private static String name(Fields fields) throws AdminProblem {
    String name = fields.name("name", LONGEST_NAME);
    if (!name.equals(name.strip()) || name.codePoints().anyMatch(Character::isISOControl)) {
      throw AdminProblem.badRequest("name must be one line without blanks at its ends.");
    }
    if (UUID_FORM.matcher(name).matches()) {
      throw AdminProblem.badRequest("name must not look like an id.");
    }
    return name;
  }

  private AdminReply revoke(String idOrName) throws AdminProblem {
    Optional<ObjectNode> revoked =
        transactions.run(
            h -> h.createQuery(REVOKE).bind("key", idOrName).map(Keys::read).findOne());
    return AdminReply.ok(revoked.orElseThrow(() -> AdminProblem.noSuch("key of this id or name")));
  }

  /** The key as stored; empty where its digest is another one's, or its name one's that works. */
  private static Optional<ObjectNode> put(
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
        .map(Keys::read)
        .findOne();
  }

  private static Optional<ObjectNode> byDigest(Handle handle, String digest) {
    return handle
        .createQuery("select " + COLUMNS + " from api_key where digest = decode(:digest, 'hex')")
        .bind("digest", digest)
        .map(Keys::read)
        .findOne();
  }

  /**
   * Those that work first, then the newest: no number of others hides one that works. After is the
   * last key of the page before; null: the first page.
   */
  private static List<ObjectNode> page(Handle handle, int limit, @Nullable UUID after) {
    return handle
        .createQuery(PAGE)
        .bind("limit", limit)
        .bindByType("after", after, UUID.class)
        .map(Keys::read)
        .list();
  }

  private static ObjectNode count(Handle handle) {
    return handle
        .createQuery("select count(*), count(*) filter (where " + WORKS + ") from api_key")
        .map(
            (row, context) ->
                Json.object().put("total", row.getLong(1)).put("working", row.getLong(2)))
        .one();
  }

  /**
   * What is told of a key, nothing of which tells the key itself: the fingerprint is the beginning
   * of its digest, by which an edge names its holder.
   */
  private static ObjectNode read(ResultSet row, StatementContext context) throws SQLException {
    return Json.object()
        .put("id", row.getString("id"))
        .put("name", row.getString("name"))
        .put("user", row.getString("user_id"))
        .put("created", AdminTransactions.instant(row, "created_at"))
        .put("expires", AdminTransactions.instant(row, "expires_at"))
        .put("fingerprint", row.getString("fingerprint"))
        .put("revoked", AdminTransactions.instant(row, "revoked_at"));
  }
}
