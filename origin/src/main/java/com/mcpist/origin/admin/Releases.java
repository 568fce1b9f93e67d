package com.mcpist.origin.admin;

import com.mcpist.origin.admin.Events.Event;
import com.mcpist.origin.mcp.Json;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Query;
import org.jdbi.v3.core.statement.StatementContext;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Deployments and rollbacks, as who deploys reports them. */
record Releases(AdminTransactions transactions) {
  private static final int KEPT = 200;
  private static final int MOST_SHOWN = 100;
  private static final int MOST_ORIGINS = 16;

  /** Of a report; beside them it has its origins. */
  private static final List<String> TEXTS =
      List.of("action", "image", "digest", "release", "strategy", "who", "state", "detail");

  private static final String COLUMNS =
      "id, action, image, digest, release, strategy, who, state, detail, origins, started,"
          + " finished";

  /**
   * The lock is looked at in the statement that writes, and kept from changing until that is
   * committed. What was finished stays so: "running" may be an answer's second sending, come late.
   */
  private static final String PUT =
      """
      with held as (
        select 1 from deployment_lock where token = :lock and expires_at > clock_timestamp()
        for share)
      insert into release as known
      """
          + "("
          + COLUMNS
          + """
          )
          select :id, :action, :image, :digest, :release, :strategy, :who, :state, :detail,
            cast(:origins as jsonb), clock_timestamp(),
            case when :state = 'running' then null else clock_timestamp() end
          from held
          on conflict (id) do update set
            action = excluded.action, image = excluded.image, digest = excluded.digest,
            release = excluded.release, strategy = excluded.strategy, who = excluded.who,
            state = excluded.state, detail = excluded.detail, origins = excluded.origins,
            finished = case when known.state = excluded.state then known.finished
              else excluded.finished end
          where known.finished is null or excluded.finished is not null
          returning
          """
          + COLUMNS;

  private static final String HELD =
      "select "
          + COLUMNS
          + """
           from release where id = :id and exists (
            select from deployment_lock where token = :lock and expires_at > clock_timestamp())\
          """;

  private static final String CLEAN =
      """
      delete from release where id in (
        select id from release
        where (started, id) < (
          select started, id from release order by started desc, id desc offset :last limit 1)
        for update skip locked)
      """;

  AdminReply run(AdminRequest request) throws AdminProblem {
    if (request.one()) {
      return put(request);
    }
    request.only("GET");
    int limit = request.limit(MOST_SHOWN);
    String newest =
        "select " + COLUMNS + " from release order by started desc, id desc limit :limit";
    return AdminReply.list(
        "releases",
        transactions.run(
            h -> h.createQuery(newest).bind("limit", limit).map(Releases::read).list()));
  }

  private AdminReply put(AdminRequest request) throws AdminProblem {
    request.only("PUT");
    UUID id = Fields.uuid("The release's id", request.path().getLast());
    Fields fields = Fields.of(request.body());
    UUID lock = fields.uuid("lock");
    ObjectNode report = report(fields);
    fields.end();
    return AdminReply.ok(
        transactions.run(h -> put(h, id, lock, report)).orElseThrow(AdminProblem::lockLost));
  }

  private static ObjectNode report(Fields fields) throws AdminProblem {
    ObjectNode report = Json.object();
    report
        .put("action", fields.oneOf("action", List.of("deploy", "rollback")))
        .put("image", fields.text("image", Fields.LONG))
        .put("digest", fields.text("digest", Fields.SHORT))
        .put("release", fields.text("release", Fields.SHORT))
        .put("strategy", fields.text("strategy", Fields.SHORT))
        .put("who", fields.text("who", Fields.SHORT))
        .put("state", fields.oneOf("state", List.of("running", "succeeded", "failed", "returned")))
        .put("detail", fields.text("detail", Fields.LONG));
    ArrayNode origins = report.putArray("origins");
    for (Fields origin : fields.list("origins", MOST_ORIGINS)) {
      origins
          .addObject()
          .put("name", origin.name("name", Fields.SHORT))
          .put("state", origin.text("state", Fields.SHORT))
          .put("before", origin.text("before", Fields.SHORT))
          .put("detail", origin.text("detail", Fields.LONG));
      origin.end();
    }
    return report;
  }

  /** The row as it is stored; empty, and nothing stored, when the token does not have the lock. */
  private static Optional<ObjectNode> put(Handle handle, UUID id, UUID lock, ObjectNode report) {
    Query put = handle.createQuery(PUT).bind("lock", lock).bind("id", id);
    TEXTS.forEach(text -> put.bind(text, report.path(text).stringValue()));
    put.bind("origins", report.path("origins").toString());
    Optional<ObjectNode> stored = put.map(Releases::read).findOne();
    if (stored.isEmpty()) {
      return handle
          .createQuery(HELD)
          .bind("id", id)
          .bind("lock", lock)
          .map(Releases::read)
          .findOne();
    }
    handle.createUpdate(CLEAN).bind("last", KEPT - 1).execute();
    Events.put(handle, event(stored.get()));
    return stored;
  }

  private static Event event(ObjectNode stored) {
    JsonNode finished = stored.path("finished");
    return new Event(
        UUID.fromString(stored.path("id").stringValue()),
        stored.path("action").stringValue().equals("deploy") ? "deployment" : "rollback",
        null,
        stored.path("release").stringValue() + ": " + stored.path("state").stringValue(),
        Instant.parse(stored.path("started").stringValue()),
        finished.isNull() ? null : Instant.parse(finished.stringValue()),
        Json.object());
  }

  private static ObjectNode read(ResultSet row, StatementContext context) throws SQLException {
    ObjectNode release = Json.object().put("id", row.getString("id"));
    for (String text : TEXTS) {
      release.put(text, row.getString(text));
    }
    return release
        .put("started", AdminTransactions.instant(row, "started"))
        .put("finished", AdminTransactions.instant(row, "finished"))
        .set("origins", JsonMapper.shared().readTree(row.getString("origins")));
  }

  /** The deployment lock, told of without its token. */
  record Locks(AdminTransactions transactions) {
    private static final int SHORTEST_SECONDS = 5;
    private static final int LONGEST_SECONDS = 3_600;
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

    AdminReply run(AdminRequest request) throws AdminProblem {
      if (request.one()) {
        request.only("DELETE");
        return giveUp(Fields.uuid("The token", request.path().getLast()));
      }
      return switch (request.method()) {
        case "GET" -> AdminReply.of("lock", transactions.run(Locks::current));
        case "PUT" -> take(Fields.of(request.body()));
        default -> throw AdminProblem.wrongMethod("GET, PUT");
      };
    }

    private static Optional<ObjectNode> current(Handle handle) {
      return handle
          .createQuery(
              "select " + COLUMNS + " from deployment_lock where expires_at > clock_timestamp()")
          .map(Locks::read)
          .findOne();
    }

    /** Who has it, and whether that is the one who asked. */
    private record Taken(boolean own, ObjectNode lock) {}

    private AdminReply take(Fields fields) throws AdminProblem {
      UUID token = fields.uuid("token");
      String owner = fields.name("owner", Fields.SHORT);
      String purpose = fields.text("purpose", Fields.LONG);
      int seconds = fields.number("ttlSeconds", SHORTEST_SECONDS, LONGEST_SECONDS);
      fields.end();
      Taken taken = transactions.run(h -> take(h, token, owner, purpose, seconds));
      if (!taken.own()) {
        throw AdminProblem.locked(taken.lock());
      }
      return AdminReply.ok(taken.lock());
    }

    private static Taken take(
        Handle handle, UUID token, String owner, String purpose, int ttlSeconds) {
      Optional<ObjectNode> own =
          handle
              .createQuery(TAKE)
              .bind("token", token)
              .bind("owner", owner)
              .bind("purpose", purpose)
              .bind("ttl", ttlSeconds)
              .map(Locks::read)
              .findOne();
      if (own.isPresent()) {
        return new Taken(true, own.get());
      }
      // The statement has locked the row that was in its way: it is still there.
      return new Taken(
          false,
          handle.createQuery("select " + COLUMNS + " from deployment_lock").map(Locks::read).one());
    }

    private AdminReply giveUp(UUID token) throws AdminProblem {
      transactions.run(
          h ->
              h.createUpdate("delete from deployment_lock where token = :token")
                  .bind("token", token)
                  .execute());
      return AdminReply.noContent();
    }

    private static ObjectNode read(ResultSet row, StatementContext context) throws SQLException {
      return Json.object()
          .put("owner", row.getString("owner"))
          .put("purpose", row.getString("purpose"))
          .put("since", AdminTransactions.instant(row, "since"))
          .put("expiresAt", AdminTransactions.instant(row, "expires_at"));
    }
  }
}
