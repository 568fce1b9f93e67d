package com.mcpist.origin.alert;

import com.mcpist.origin.admin.AdminTransactions;
import com.mcpist.origin.alert.DatabaseRoom.Disk;
import java.util.List;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/**
 * Looks for what will soon be a problem, and tells it as an event until it is over; and ends what
 * nobody tells of any more.
 */
final class Warnings {
  private static final String TURN =
      "select pg_try_advisory_xact_lock(hashtextextended('mcpist warnings', 0))";

  /**
   * As those who ask for events see it: docs/operations/events.md. Who tells it again opens it. A
   * check that runs each day tells of a warning as often.
   */
  private static final String END_SILENT =
      """
      update event set ended = told, data = data || '{"end": "silent"}'
      where ended is null
        and (kind in ('failover', 'outage') and told < now() - interval '2 minutes'
          or kind = 'warning' and told < now() - interval '3 days')
      """;

  /**
   * A share begins at 90 % and ends below 85 %, so that it does not flap; a disk likewise. A key
   * that expires has solved nothing, which the message then says; one that was made for a few days
   * warns nobody. Neon tells how large a database may become. What a check has found is its own to
   * end.
   */
  private static final String LOOK =
      """
      with room as (
        select pg_database_size(current_database()) as bytes, coalesce(cast(:limit as bigint),
          nullif(greatest(pg_size_bytes(current_setting('neon.max_cluster_size', true)), 0), 0))
            as most),
      found as (
        select 'key' as what, name as subject, true as begins, format('the API key %s expires at %s',
            name, to_char(expires_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI"Z"')) as message
        from api_key
        where revoked_at is null and expires_at > now() and expires_at < now() + interval '7 days'
          and expires_at - created_at > interval '7 days'
        union all
        select 'storage', user_id, bytes >= 0.9 * most, format('%s has stored %s of %s MiB', user_id,
            round(bytes / 1048576), most / 1048576)
        from (select user_id, sum(bytes) as bytes from stored group by user_id) as sums
          left join account using (user_id),
          lateral (select storage_mib * 1048576::bigint as most from plan
            where name = coalesce(account.plan, 'standard')) as allowed
        where :limits and bytes >= 0.85 * most
        union all
        select 'database', current_database()::text, bytes >= 0.9 * most,
          format('the database has %s of %s MiB', bytes / 1048576, most / 1048576)
        from room where bytes >= 0.85 * most
        union all
        select 'disk', :folder, free < least(0.1 * total, 1073741824),
          format('the disk of %s has %s of %s MiB left', :folder, free / 1048576, total / 1048576)
        from (values (cast(:free as bigint), cast(:total as bigint))) as disk (free, total)
        where free < least(0.15 * total, 1610612736)),
      open as (
        select id, data->>'what' as what, data->>'subject' as subject
        from event, room
        where kind = 'warning' and ended is null and case data->>'what'
          when 'key' then true
          when 'storage' then true
          when 'database' then most is not null
          when 'disk' then data->>'subject' = :folder end),
      still as (
        update event set told = now() from open join found using (what, subject)
        where event.id = open.id),
      over as (
        update event set ended = now(),
          message = case when expired.id is null then message
            else format('the API key %s has expired', subject) end,
          data = data || case when expired.id is null then '{"end": "recovered"}'::jsonb
            else '{"end": "expired"}' end
        from open
          left join api_key expired on what = 'key' and expired.name = subject
            and revoked_at is null and expires_at <= now()
        where event.id = open.id and not exists (
          select from found where (found.what, found.subject) = (open.what, open.subject)))
      insert into event (id, kind, message, at, data)
      select gen_random_uuid(), 'warning', left(message, 4000), now(),
        jsonb_build_object('what', what, 'subject', subject)
      from found
      where begins and not exists (
        select from open where (found.what, found.subject) = (open.what, open.subject))
      """;

  private final AdminTransactions transactions;
  private final List<String> webhooks;
  private final boolean limits;
  private final DatabaseRoom room;

  /** {@code limits}: whether plans hold. */
  Warnings(
      AdminTransactions transactions, List<String> webhooks, boolean limits, DatabaseRoom room) {
    this.transactions = transactions;
    this.webhooks = webhooks;
    this.limits = limits;
    this.room = room;
  }

  void look() throws Exception {
    look(room.disk().orElse(null));
  }

  void look(@Nullable Disk disk) throws Exception {
    transactions.run(handle -> Outbox.know(handle, webhooks));
    transactions.run(handle -> look(handle, disk));
  }

  private boolean look(Handle handle, @Nullable Disk disk) {
    boolean turn = handle.createQuery(TURN).mapTo(Boolean.class).one();
    if (turn) {
      handle
          .createUpdate(LOOK)
          .bind("limits", limits)
          .bind("limit", room.limit())
          .bind("folder", disk == null ? null : disk.folder())
          .bind("free", disk == null ? null : disk.free())
          .bind("total", disk == null ? null : disk.total())
          .execute();
      handle.createUpdate(END_SILENT).execute(); // After it: nobody has told while all were off.
    }
    return turn;
  }
}
