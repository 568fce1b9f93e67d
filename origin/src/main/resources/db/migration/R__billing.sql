-- Counts the calls that are paid by use, in the transaction in which a call has its effect: docs/operations/billing.md

create or replace function billing_count() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp set enable_seqscan = off set jit = off as $$
begin
  insert into ${schema}.billing_use (customer)
  select customer from ${schema}.billing_subscription where user_id = new.user_id and metered limit 1;
  return null;
end $$;
revoke all on function billing_count from ${everyone};

-- An origin that sells by use says so in the transaction: what a restore brings back was counted when it ran.
create or replace trigger billing_insert after insert on tool_call for each row
  when (new.result is not null and not new.refused and current_setting('mcpist.counts', true) = 'on')
  execute function billing_count();
-- A call that acts outside is claimed first.
create or replace trigger billing_update after update of result on tool_call for each row
  when (old.result is null and new.result is not null and not new.refused and current_setting('mcpist.counts', true) = 'on')
  execute function billing_count();
