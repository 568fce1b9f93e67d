package com.mcpist.origin.admin;

import com.mcpist.origin.mcp.Json;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.StatementContext;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** What happened to the pair: to one of its origins, or to none in particular. */
record Events(AdminTransactions transactions) {
  private static final int KEPT = 1_000;
  private static final int MOST_SHOWN = 200;
  private static final String COLUMNS = "id, kind, origin, message, at";

  /** An event does not change: what is sent again is answered with what is stored. */
  private static final String PUT =
      """
      insert into event (id, kind, origin, message, at)
      values (:id, :kind, :origin, :message, clock_timestamp())
      on conflict (id) do update set id = excluded.id
      returning
      """
          + COLUMNS;

  private static final String CLEAN =
      """
      delete from event where id in (
        select id from event
        where (at, id) < (select at, id from event order by at desc, id desc offset :last limit 1)
        for update skip locked)
      """;

  AdminReply run(AdminRequest request) throws AdminProblem {
    if (request.one()) {
      return put(request);
    }
    request.only("GET");
    int limit = request.limit(MOST_SHOWN);
    String newest = "select " + COLUMNS + " from event order by at desc, id desc limit :limit";
    return AdminReply.list(
        "events",
        transactions.run(h -> h.createQuery(newest).bind("limit", limit).map(Events::read).list()));
  }

  private AdminReply put(AdminRequest request) throws AdminProblem {
    request.only("PUT");
    UUID id = Fields.uuid("The event's id", request.path().getLast());
    Fields fields = Fields.of(request.body());
    String kind = fields.name("kind", Fields.SHORT);
    @Nullable String origin = fields.textIfAny("origin", Fields.SHORT);
    String message = fields.text("message", Fields.LONG);
    fields.end();
    return AdminReply.ok(transactions.run(h -> put(h, id, kind, origin, message)));
  }

  private static ObjectNode put(
      Handle handle, UUID id, String kind, @Nullable String origin, String message) {
    ObjectNode stored =
        handle
            .createQuery(PUT)
            .bind("id", id)
            .bind("kind", kind)
            .bind("origin", origin)
            .bind("message", message)
            .map(Events::read)
            .one();
    handle.createUpdate(CLEAN).bind("last", KEPT - 1).execute();
    return stored;
  }

  private static ObjectNode read(ResultSet row, StatementContext context) throws SQLException {
    return Json.object()
        .put("id", row.getString("id"))
        .put("at", AdminTransactions.instant(row, "at"))
        .put("kind", row.getString("kind"))
        .put("origin", row.getString("origin"))
        .put("message", row.getString("message"));
  }
}
