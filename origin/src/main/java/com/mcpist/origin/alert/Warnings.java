package com.mcpist.origin.alert;

import com.mcpist.origin.admin.AdminTransactions;
import java.util.List;
import org.jdbi.v3.core.Handle;

/**
 * Looks for what will soon be a problem, and tells it as an event until it is over; and ends what
 * nobody tells of any more.
 */
final class Warnings {
  private static final String TURN =
      "select pg_try_advisory_xact_lock(hashtextextended('mcpist warnings', 0))";

  /** As those who ask for events see it: docs/operations/events.md. Who tells it again opens it. */
  private static final String END_SILENT =
      """
      update event set ended = told, data = data || '{"end": "silent"}'
      where kind in ('failover', 'outage') and ended is null
        and told < now() - interval '2 minutes'
      """;

  /**
   * A user's share begins at 90 % and ends below 85 %, so that it does not flap. A key that expires
   * has solved nothing, which the message then says; one that was made for a few days warns nobody.
   */
  private static final String LOOK =
      """
      with found as (
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
        where :limits and bytes >= 0.85 * most),
      open as (
        select id, data->>'what' as what, data->>'subject' as subject
        from event where kind = 'warning' and ended is null),
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

  Warnings(AdminTransactions transactions, List<String> webhooks, boolean limits) {
    this.transactions = transactions;
    this.webhooks = webhooks;
    this.limits = limits;
  }

  void look() throws Exception {
    transactions.run(handle -> Outbox.know(handle, webhooks));
    transactions.run(this::look);
  }

  private boolean look(Handle handle) {
    boolean turn = handle.createQuery(TURN).mapTo(Boolean.class).one();
    if (turn) {
      handle.createUpdate(END_SILENT).execute();
      handle.createUpdate(LOOK).bind("limits", limits).execute();
    }
    return turn;
  }
}
