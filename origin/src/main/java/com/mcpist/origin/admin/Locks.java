package com.mcpist.origin.admin;

import com.mcpist.origin.mcp.Json;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.StatementContext;
import tools.jackson.databind.node.ObjectNode;

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
