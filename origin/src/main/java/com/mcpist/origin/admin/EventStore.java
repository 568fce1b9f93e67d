package com.mcpist.origin.admin;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.StatementContext;
import org.jspecify.annotations.Nullable;

/** The statements of events. */
final class EventStore {
  private static final int KEPT = 1_000;
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

  private EventStore() {}

  static Event put(Handle handle, UUID id, String kind, @Nullable String origin, String message) {
    Event stored =
        handle
            .createQuery(PUT)
            .bind("id", id)
            .bind("kind", kind)
            .bind("origin", origin)
            .bind("message", message)
            .map(EventStore::read)
            .one();
    handle.createUpdate(CLEAN).bind("last", KEPT - 1).execute();
    return stored;
  }

  static List<Event> newest(Handle handle, int limit) {
    return handle
        .createQuery("select " + COLUMNS + " from event order by at desc, id desc limit :limit")
        .bind("limit", limit)
        .map(EventStore::read)
        .list();
  }

  private static Event read(ResultSet row, StatementContext context) throws SQLException {
    return new Event(
        row.getObject("id", UUID.class),
        row.getString("kind"),
        row.getString("origin"),
        row.getString("message"),
        row.getObject("at", OffsetDateTime.class).toInstant());
  }
}
