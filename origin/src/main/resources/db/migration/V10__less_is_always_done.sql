insert into schema_compatibility values (10, 2);

-- As in V7, but that a transaction which leaves its user with no more than before is never refused, however much there is: a plan may have
-- become smaller, and nobody may then be kept from deleting. Up to twice as far may go what frees something and still adds to the sum,
-- since the ledger keeps a row of it.
create or replace function stored_check() returns void
language plpgsql as $$
declare
  v_user text := mcpist_user();
  v_own bigint := stored_growth('mcpist.stored');
  v_most bigint;
  v_stored bigint;
  v_kept bigint;
begin
  if v_own + stored_growth('mcpist.kept') <= 0 then
    return;
  end if;
  select storage_mib * 1048576::bigint into v_most from plan
  where name = coalesce((select plan from account where user_id = v_user), 'standard');
  if not found then
    raise exception 'The standard plan is gone';
  end if;
  select sum(bytes), sum(bytes) filter (where counted = 'tool_call') into v_stored, v_kept
  from stored where user_id = v_user;
  if v_stored > v_most * (case when v_own < 0 then 2 else 1 end) then
    raise exception 'The plan allows no more to be stored'
      using errcode = 'MC003', detail = concat_ws(' ', v_stored, coalesce(v_kept, 0), v_most);
  end if;
end $$;
-- Replaced, it has lost the search path that V7 gave it.
do $$
begin
  execute format('alter function stored_check set search_path = pg_catalog, %I, pg_temp', current_schema());
end $$;

-- What was refused, or is rewritten, leaves dead rows of up to 20,000 characters. They are cleared away when they are a fiftieth of the
-- table and not a fifth, so that their room is used again sooner.
alter table memory set (autovacuum_vacuum_scale_factor = 0.02, toast.autovacuum_vacuum_scale_factor = 0.02);
