-- Which events webhooks are told of, when they begin and when they end: docs/operations/alerts.md

create or replace function alert_add() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  insert into ${schema}.alert (webhook, event_id, due)
  select name, new.id, case
    when new.ended is null and new.kind in ('death', 'outage') then new.at + interval '30 seconds'
    else clock_timestamp() end
  from ${schema}.alert_webhook;
  return null;
end $$;
revoke all on function alert_add from ${everyone};
grant execute on function alert_add to mcpist_origin;

create or replace trigger alert_insert after insert on event for each row
  when (new.kind in ('failover', 'outage', 'death', 'database', 'failure', 'recovery', 'warning', 'lost', 'billing')
    or new.kind = 'rollback' and new.ended is not null)
  execute function alert_add();
-- An edge that was silent may tell the true end after all.
create or replace trigger alert_end after update of ended on event for each row
  when ((old.ended is null or old.data ->> 'end' = 'silent') and new.ended is not null
    and new.kind in ('failover', 'outage', 'death', 'warning', 'rollback'))
  execute function alert_add();
