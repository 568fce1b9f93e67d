insert into schema_compatibility values (10, 2);

-- A call that an attempt was refused, so that no earlier one does it after all: to those it is a call that is done, and its result an error.
-- To this attempt and later ones it is none, and what they record takes its place.
alter table tool_call add column refused boolean not null default false;

-- As in V5, but for refusals.
create or replace function ledger_enter(
  p_user text, p_from_client boolean, p_id text, p_index integer,
  p_attempt integer, p_try integer, p_deadline timestamptz,
  p_lock_millis integer, p_statement_millis integer, p_idle_millis integer,
  out state text, out stored_tool text, out stored_hash text, out stored_result text)
language plpgsql as $$
declare
  v_lock bigint := ledger_lock(p_user, p_from_client, p_id, p_index);
begin
  perform
    set_config('mcpist.user_id', p_user, true),
    set_config('application_name', format('mcpist:%s.%s', p_attempt, p_try), true),
    set_config('lock_timeout', p_lock_millis::text, true),
    set_config('statement_timeout', p_statement_millis::text, true),
    set_config('idle_in_transaction_session_timeout', p_idle_millis::text, true);
  if p_deadline is not null then
    perform set_config('transaction_timeout', ledger_time_left(p_deadline)::text, true);
  end if;
  if not pg_try_advisory_xact_lock(v_lock) then
    -- Where an earlier attempt holds the lock, the edge has given up on it.
    if not ledger_fence(p_from_client, p_id, p_index, p_attempt, p_try) then
      state := 'busy';
      return;
    end if;
    perform pg_advisory_xact_lock(v_lock);
  end if;
  -- A statement of its own, so that it sees what was committed before the lock was given.
  select tool, arguments_hash, result into stored_tool, stored_hash, stored_result
  from tool_call
  where user_id = p_user and from_client = p_from_client
    and call_id = p_id and call_index = p_index
    and not (refused and attempt <= p_attempt);
  state := case when found then 'found' else 'entered' end;
end $$;

-- As in V1, but for refusals.
create or replace function ledger_finish(
  p_user text, p_from_client boolean, p_id text, p_index integer,
  p_attempt integer, p_try integer, p_deadline timestamptz,
  p_tool text, p_hash text, p_instance text, p_result text)
returns void
language plpgsql as $$
begin
  if current_setting('application_name') <> format('mcpist:%s.%s', p_attempt, p_try) then
    raise exception 'The tool has ended its transaction' using errcode = 'MC002';
  end if;
  if p_attempt > 1 then
    delete from tool_call
    where user_id = p_user and from_client = p_from_client
      and call_id = p_id and call_index = p_index
      and refused and attempt <= p_attempt;
  end if;
  insert into tool_call
    (user_id, from_client, call_id, call_index, tool, arguments_hash, attempt, instance, result, expires_at)
  values
    (p_user, p_from_client, p_id, p_index, p_tool, p_hash, p_attempt, p_instance, p_result,
     ledger_expiry(p_from_client, p_deadline));
  if p_deadline is not null then
    perform ledger_time_left(p_deadline);
  end if;
end $$;

-- Records, in a transaction that has entered, that it has done nothing, and that no earlier attempt shall.
create function ledger_refuse(
  p_user text, p_from_client boolean, p_id text, p_index integer,
  p_attempt integer, p_try integer, p_deadline timestamptz,
  p_tool text, p_hash text, p_instance text, p_result text)
returns void
language plpgsql as $$
begin
  perform ledger_finish(
    p_user, p_from_client, p_id, p_index, p_attempt, p_try, p_deadline, p_tool, p_hash, p_instance, p_result);
  update tool_call set refused = true
  where user_id = p_user and from_client = p_from_client
    and call_id = p_id and call_index = p_index;
end $$;

-- As in V5, but for refusals.
create or replace function ledger_claim(
  p_user text, p_from_client boolean, p_id text, p_index integer,
  p_attempt integer, p_deadline timestamptz, p_tool text, p_hash text, p_instance text, p_claim uuid,
  p_lease_millis integer, p_lock_millis integer, p_again boolean,
  out state text, out stored_tool text, out stored_hash text, out stored_result text)
language plpgsql as $$
declare
  v_lease timestamptz := clock_timestamp() + p_lease_millis * interval '1 millisecond';
  v_row tool_call%rowtype;
begin
  perform
    set_config('mcpist.user_id', p_user, true),
    set_config('lock_timeout', p_lock_millis::text, true);
  if p_deadline is not null then
    perform set_config('transaction_timeout', ledger_time_left(p_deadline)::text, true);
  end if;
  if p_attempt > 1 then
    delete from tool_call
    where user_id = p_user and from_client = p_from_client
      and call_id = p_id and call_index = p_index
      and refused and attempt <= p_attempt;
  end if;
  insert into tool_call
    (user_id, from_client, call_id, call_index, tool, arguments_hash, attempt, instance, claim, lease_until, expires_at)
  values
    (p_user, p_from_client, p_id, p_index, p_tool, p_hash, p_attempt, p_instance, p_claim, v_lease,
     ledger_expiry(p_from_client, p_deadline))
  on conflict do nothing;
  if found then
    state := 'entered';
    return;
  end if;
  select * into v_row from tool_call
  where user_id = p_user and from_client = p_from_client
    and call_id = p_id and call_index = p_index
  for update;
  if not found then
    state := 'busy'; -- It was given up in this moment: ask again.
    return;
  end if;
  stored_tool := v_row.tool;
  stored_hash := v_row.arguments_hash;
  stored_result := v_row.result;
  state := case
    when v_row.result is not null or v_row.tool <> p_tool or v_row.arguments_hash <> p_hash then 'found'
    when v_row.claim = p_claim then 'entered' -- The answer to the first try was lost.
    when p_again and (v_row.attempt < p_attempt or v_row.lease_until <= clock_timestamp()) then 'entered'
    when v_row.lease_until > clock_timestamp() then 'busy'
    else 'unknown' end;
  if state = 'entered' then
    update tool_call set attempt = p_attempt, instance = p_instance, claim = p_claim, lease_until = v_lease
    where user_id = p_user and from_client = p_from_client
      and call_id = p_id and call_index = p_index;
  end if;
end $$;

-- The same as ledger_refuse, of a claim that has done nothing.
create function ledger_refuse_claim(
  p_user text, p_from_client boolean, p_id text, p_index integer, p_deadline timestamptz,
  p_result text, p_claim uuid)
returns void
language plpgsql as $$
begin
  perform set_config('mcpist.user_id', p_user, true);
  update tool_call
  set result = p_result, refused = true, claim = null, lease_until = null,
    expires_at = ledger_expiry(p_from_client, p_deadline)
  where user_id = p_user and from_client = p_from_client
    and call_id = p_id and call_index = p_index and claim = p_claim;
end $$;

do $$
declare
  v_role text;
begin
  revoke all on function ledger_refuse, ledger_refuse_claim from public;
  for v_role in select rolname from pg_roles where rolname in ('anon', 'authenticated') loop
    execute format('revoke all on function ledger_refuse, ledger_refuse_claim from %I', v_role);
  end loop;
end $$;
grant execute on function ledger_refuse, ledger_refuse_claim to mcpist_origin;

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
