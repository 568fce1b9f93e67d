package com.mcpist.origin.status;

import com.mcpist.origin.admin.Events;
import com.mcpist.origin.db.Database;
import com.mcpist.origin.ledger.Ledger;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What the database knows. Nothing is known before the first of the events that are kept, null
 * where there is none. Outages are those of each origin, incidents the newest of them and of
 * failovers, where none overlaps with another; the newest of all else. Calls are those asked for;
 * null: none was.
 */
record History(
    @Nullable Instant first,
    List<Outage> outages,
    List<Span> incidents,
    List<Event> failovers,
    List<Event> others,
    List<Release> releases,
    List<User> users,
    List<Plan> plans,
    @Nullable Event drill,
    @Nullable List<Call> calls) {
  /** Of a statement; and a little more for an answer, after which the connection is given up. */
  private static final Duration LIMIT = Duration.ofSeconds(1);

  private static final Duration ANSWER_LIMIT = LIMIT.plusMillis(200);

  private static final String BEGINNING =
      """
      select set_config('statement_timeout', '%d', true), set_config('mcpist.admin', 'on', true),
        set_config('enable_seqscan', 'off', true), set_config('jit', 'off', true)\
      """
          .formatted(LIMIT.toMillis());

  /** All of it in one statement, so that one limit holds. */
  private static final String ALL =
      """
      with lasting as (
        select kind, origin,
          tstzrange(at, greatest(at, least(coalesce($ended, now()), now())), '[]') as span
        from event where kind in ('failover', 'outage'))
      select json_build_object(
        'first', (
          select min(at)
          from (select at from event order by at desc, id desc limit 10000) as kept),
        'outages', (
          select coalesce(json_agg(
            json_build_object('origin', origin, 'from', lower(span), 'to', upper(span))), '[]')
          from (
            select origin, unnest(range_agg(span)) as span
            from lasting where kind = 'outage' and origin is not null group by origin) as of_each),
        'incidents', (
          select coalesce(json_agg(
            json_build_object('from', lower(span), 'to', nullif(upper(span), now()))
            order by span desc), '[]')
          from (
            select span from (select unnest(range_agg(span)) as span from lasting) as all_of_them
            where upper(span) - lower(span) >= interval '1 second'
            order by span desc limit 200) as newest),
        'failovers', (
          select coalesce(json_agg(e), '[]') from (
            select at, $ended as ended, kind, origin, message, data
            from event where kind = 'failover' order by at desc, id desc limit 20) as e),
        'others', (
          select coalesce(json_agg(e), '[]') from (
            select at, $ended as ended, kind, origin, message, data
            from event where kind not in ('failover', 'deployment', 'rollback')
            order by at desc, id desc limit 30) as e),
        'releases', (
          select coalesce(json_agg(r), '[]') from (
            select started, finished, action, release,
              case when state = 'running'
                and not exists (select from deployment_lock where expires_at > now())
                then 'abandoned' else state end as state,
              detail, who
            from release order by started desc, id desc limit 10) as r),
        'users', (
          select coalesce(json_agg(u), '[]') from (
            select user_id as name, plan.name as plan, used.bytes, storage_mib as mib
            from (select user_id, sum(bytes)::bigint as bytes from stored group by user_id) as used
              left join account using (user_id)
              join plan on plan.name = coalesce(account.plan, 'standard')
            where used.bytes >= 0.8 * storage_mib * 1048576
            order by used.bytes / storage_mib desc, user_id limit 20) as u),
        'plans', (
          select coalesce(json_agg(p), '[]') from (
            select name, calls_per_minute as minute, calls_at_once as once, storage_mib as mib
            from plan order by name limit 50) as p),
        'drill', (
          select row_to_json(e) from (
            select at, ended, kind, origin, message, data
            from event where kind = 'drill' order by at desc, id desc limit 1) as e),
        'calls', case when :asked then (
          select coalesce(json_agg(c), '[]') from (
            select user_id as user, from_client as "fromClient", call_id as id,
              call_index as index, tool, attempt, state, at, undelivered, open_until as "openUntil"
            from ledger_find(:ids, :unknown) limit 20) as c) end)
      """
          .replace("$ended", Events.ENDED);

  /** {@code to}: null: it goes on. */
  record Span(Instant from, @Nullable Instant to) {}

  record Outage(String origin, Instant from, Instant to) {}

  /** {@code ended}: null: it goes on, or does not last. */
  record Event(
      Instant at,
      @Nullable Instant ended,
      String kind,
      @Nullable String origin,
      String message,
      JsonNode data) {
    boolean running() {
      return ended == null && Events.lasts(kind);
    }
  }

  record Release(
      Instant started,
      @Nullable Instant finished,
      String action,
      String release,
      String state,
      String detail,
      String who) {}

  record User(String name, String plan, long bytes, long mib) {}

  record Plan(String name, long minute, long once, long mib) {}

  /**
   * As ledger_find has it; the attempt, the state and the time are null where only its client's
   * having no answer is known.
   */
  record Call(
      String user,
      boolean fromClient,
      String id,
      int index,
      String tool,
      @Nullable Integer attempt,
      @Nullable String state,
      @Nullable Instant at,
      boolean undelivered,
      @Nullable Instant openUntil) {}

  /** Asks the database. The ids are what a call may be recorded under. Blocks for 3 s at most. */
  static History read(Database database, JsonMapper mapper, @Nullable List<String> ids)
      throws SQLException {
    Handle handle = database.open();
    try {
      // A database that hangs does not keep its own limit.
      handle
          .getConnection()
          .setNetworkTimeout(Runnable::run, Math.toIntExact(ANSWER_LIMIT.toMillis()));
      handle.execute(BEGINNING);
      String json =
          handle
              .createQuery(ALL)
              .bind("asked", ids != null)
              .bindArray("ids", String.class, ids == null ? List.of() : ids)
              .bind("unknown", Ledger.UNKNOWN_OUTCOME)
              .mapTo(String.class)
              .one();
      handle.getConnection().commit();
      return mapper.readValue(json, History.class);
    } finally {
      var _ = database.undo(handle);
    }
  }

  /** Without what one person asked for. */
  History withoutCalls() {
    return new History(
        first, outages, incidents, failovers, others, releases, users, plans, drill, null);
  }
}
