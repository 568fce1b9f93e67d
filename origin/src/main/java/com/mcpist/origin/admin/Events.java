package com.mcpist.origin.admin;

import com.mcpist.origin.db.Database;
import com.mcpist.origin.mcp.Json;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.LinkedBlockingDeque;
import java.util.function.BooleanSupplier;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.StatementContext;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * What happened to the pair, in the database: docs/operations/events.md. An edge, a supervisor, and
 * whoever deploys tell it; what happens to this origin waits here until the database takes it.
 */
public final class Events {
  private static final int KEPT = 10_000;
  private static final int MOST_SHOWN = 1_000;
  private static final int MOST_OWN = 200;

  private static final List<String> KINDS =
      List.of(
          "failover",
          "outage",
          "death",
          "restart",
          "restore",
          "drain",
          "undrain",
          "deployment",
          "rollback",
          "worker",
          "rotation",
          "drill",
          "migration",
          "database",
          "warning",
          "failure",
          "recovery",
          "entrance",
          "lost",
          "billing");

  /** They are told of when they begin, and again with their end. */
  private static final Set<String> LASTING = Set.of("failover", "outage", "death", "warning");

  /** Told again, it is as it was told last; but what has ended stays so, unless by silence. */
  private static final String PUT =
      """
      insert into event as known (id, kind, origin, message, at, ended, data)
      values (:id, :kind, :origin, :message,
        least(coalesce(cast(:at as timestamptz), clock_timestamp()), clock_timestamp()),
        cast(:ended as timestamptz), cast(:data as jsonb))
      on conflict (id) do update set
        message = excluded.message, ended = excluded.ended, told = excluded.told,
        data = excluded.data
      where known.ended is null or excluded.ended is not null or known.data->>'end' = 'silent'
      """;

  /** That an entrance has worked is not forgotten. */
  private static final String CLEAN =
      """
      delete from event where id in (
        select id from event
        where kind <> 'entrance' and at < greatest(now() - interval '90 days',
          (select at from event order by at desc, id desc offset :last limit 1))
        for update skip locked)
      """;

  /** An edge tells of these again and again: of one that it does not, it saw no end. */
  public static final String ENDED =
      """
      case when kind in ('failover', 'outage') and told < now() - interval '2 minutes'
        then coalesce(ended, told) else ended end
      """;

  private static final String NEWEST =
      """
      select id, at, kind, origin, message, data, $ended as ended
      from event
      where at >= coalesce(cast(:since as timestamptz), '-infinity') and kind = any(:kinds)
      order by at desc, id desc limit :limit
      """
          .replace("$ended", ENDED);

  /** {@code at}: null: now; {@code ended}: null: it goes on, or does not last. */
  public record Event(
      UUID id,
      String kind,
      @Nullable String origin,
      String message,
      @Nullable Instant at,
      @Nullable Instant ended,
      ObjectNode data) {}

  private final AdminTransactions transactions;
  private final LinkedBlockingDeque<Event> own = new LinkedBlockingDeque<>(MOST_OWN);

  /** {@code ready}: whether the database has its schema. */
  public Events(Database database, BooleanSupplier ready) {
    this.transactions = new AdminTransactions(database, ready);
  }

  /** Whether events of this kind last. */
  public static boolean lasts(String kind) {
    return LASTING.contains(kind);
  }

  public AdminTransactions transactions() {
    return transactions;
  }

  /** Something has happened to this origin; {@link #write} writes it. Does not block. */
  public void add(Event event) {
    while (!own.offerLast(event)) {
      own.pollFirst();
    }
  }

  /** Writes what has been added. Blocks for some seconds at most; fails where it is to go on. */
  public void write() throws Exception {
    for (Event first = own.peekFirst(); first != null; first = own.peekFirst()) {
      Event event = first;
      transactions.run(h -> put(h, event));
      own.removeFirstOccurrence(event);
    }
  }

  AdminReply run(AdminRequest request) throws AdminProblem {
    if (request.one()) {
      return put(request);
    }
    request.only("GET");
    int limit = request.limit(MOST_SHOWN);
    @Nullable Instant since = request.since();
    List<String> kinds = request.kinds(KINDS);
    return AdminReply.list(
        "events",
        transactions.run(
            h ->
                h.createQuery(NEWEST)
                    .bind("since", utc(since))
                    .bindArray("kinds", String.class, kinds)
                    .bind("limit", limit)
                    .map(Events::read)
                    .list()));
  }

  private AdminReply put(AdminRequest request) throws AdminProblem {
    request.only("PUT");
    UUID id = Fields.uuid("The event's id", request.path().getLast());
    Fields fields = Fields.of(request.body());
    Event event =
        new Event(
            id,
            fields.oneOf("kind", KINDS),
            fields.textIfAny("origin", Fields.SHORT),
            fields.text("message", Fields.LONG),
            fields.instantIfAny("at"),
            fields.instantIfAny("ended"),
            fields.dataIfAny("data"));
    fields.end();
    transactions.run(h -> put(h, event));
    return AdminReply.noContent();
  }

  static int put(Handle handle, Event event) {
    int written =
        handle
            .createUpdate(PUT)
            .bind("id", event.id())
            .bind("kind", event.kind())
            .bind("origin", event.origin())
            .bind("message", event.message())
            .bind("at", utc(event.at()))
            .bind("ended", utc(event.ended()))
            .bind("data", event.data().toString())
            .execute();
    handle.createUpdate(CLEAN).bind("last", KEPT - 1).execute();
    return written;
  }

  private static @Nullable OffsetDateTime utc(@Nullable Instant instant) {
    return instant == null ? null : instant.atOffset(ZoneOffset.UTC);
  }

  /** A row of the table, as it is told. */
  public static ObjectNode read(ResultSet row, StatementContext context) throws SQLException {
    String kind = row.getString("kind");
    @Nullable String ended = AdminTransactions.instant(row, "ended");
    return Json.object()
        .put("id", row.getString("id"))
        .put("at", AdminTransactions.instant(row, "at"))
        .put("ended", ended)
        .put("running", ended == null && lasts(kind))
        .put("kind", kind)
        .put("origin", row.getString("origin"))
        .put("message", row.getString("message"))
        .set("data", JsonMapper.shared().readTree(row.getString("data")));
  }
}
