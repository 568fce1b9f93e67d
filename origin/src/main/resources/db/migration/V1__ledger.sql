-- Which releases can work with this schema. Each migration adds its row; docs/design/database.md says how to choose oldest_usable.
create table schema_compatibility (
  version integer primary key,
  oldest_usable integer not null
);
insert into schema_compatibility values (1, 1);

-- Calls that have had their effect, with their results, and claims of calls that act outside. docs/design/ledger.md
create table tool_call (
  user_id text not null,
  -- Whether call_id is the client's Idempotency-Key, or else the edge's call id.
  from_client boolean not null,
  call_id text not null,
  call_index integer not null,
  tool text not null,
  arguments_hash text not null,
  attempt integer not null,
  -- The process that ran it.
  instance text not null,
  -- MCP's result; null while a claim is not finished.
  result text,
  -- The claim of a call that acts outside and is not finished, and until when its process is known to live.
  claim uuid,
  lease_until timestamptz,
  expires_at timestamptz not null,
  primary key (user_id, from_client, call_id, call_index)
);
create index tool_call_expires_at on tool_call (expires_at);
create unique index tool_call_claim on tool_call (claim) where claim is not null;

-- Milliseconds until the deadline, capped at what a timeout can hold; an error with SQLSTATE MC001 when it has passed. Null: no deadline.
create function ledger_time_left(p_deadline timestamptz) returns integer
language plpgsql as $$
declare
  v_left numeric := ceil(extract(epoch from p_deadline - clock_timestamp()) * 1000);
begin
  if v_left <= 0 then
    raise exception 'The deadline of this attempt has passed' using errcode = 'MC001';
  end if;
  return least(v_left, 2147483647)::integer;
end $$;

-- The first statement of a call that writes: sets this transaction's limits, takes the call's lock, and looks the call up.
--   entered: the lock is held, the call has not been made
--   found:   it has been made; stored_* say how it ended
--   busy:    another attempt is at it, which may not be fenced off by this one
create function ledger_enter(
  p_user text, p_from_client boolean, p_id text, p_index integer,
  p_attempt integer, p_try integer, p_deadline timestamptz,
  p_lock_millis integer, p_statement_millis integer, p_idle_millis integer,
  out state text, out stored_tool text, out stored_hash text, out stored_result text)
language plpgsql as $$
declare
  v_lock bigint := hashtextextended(
    concat_ws(chr(31), p_user, p_from_client, p_id, p_index), 0);
begin
  perform
    set_config('application_name', format('mcpist:%s.%s', p_attempt, p_try), true),
    set_config('lock_timeout', p_lock_millis::text, true),
    set_config('statement_timeout', p_statement_millis::text, true),
    set_config('idle_in_transaction_session_timeout', p_idle_millis::text, true);
  if p_deadline is not null then
    perform set_config('transaction_timeout', ledger_time_left(p_deadline)::text, true);
  end if;
  if not pg_try_advisory_xact_lock(v_lock) then
    -- The fence: an earlier attempt holds the lock, and the edge has given up on it.
    perform pg_terminate_backend(l.pid)
    from pg_locks l join pg_stat_activity a using (pid)
    where l.locktype = 'advisory' and l.granted
      and l.database = (select oid from pg_database where datname = current_database())
      and l.classid = ((v_lock >> 32) & 4294967295)::oid
      and l.objid = (v_lock & 4294967295)::oid
      and l.objsubid = 1
      and case when a.application_name ~ '^mcpist:[0-9]{1,9}\.[0-9]{1,9}$'
        then string_to_array(substr(a.application_name, 8), '.')::integer[] < array[p_attempt, p_try]
        else false end;
    if not found then
      state := 'busy';
      return;
    end if;
    perform pg_advisory_xact_lock(v_lock);
  end if;
  -- A statement of its own, so that it sees what was committed before the lock was given.
  select tool, arguments_hash, result into stored_tool, stored_hash, stored_result
  from tool_call
  where user_id = p_user and from_client = p_from_client
    and call_id = p_id and call_index = p_index;
  state := case when found then 'found' else 'entered' end;
end $$;

-- When a call may be forgotten: a client's key after a day, the edge's id 15 minutes after the deadline.
create function ledger_expiry(p_from_client boolean, p_deadline timestamptz) returns timestamptz
language sql as $$
  select case when p_from_client then clock_timestamp() + interval '24 hours'
    else greatest(p_deadline, clock_timestamp()) + interval '15 minutes' end
$$;

-- The last statement before COMMIT of a call that writes. SQLSTATE MC002: this is not the transaction that ledger_enter began.
create function ledger_finish(
  p_user text, p_from_client boolean, p_id text, p_index integer,
  p_attempt integer, p_try integer, p_deadline timestamptz,
  p_tool text, p_hash text, p_instance text, p_result text)
returns void
language plpgsql as $$
begin
  if current_setting('application_name') <> format('mcpist:%s.%s', p_attempt, p_try) then
    raise exception 'The tool has ended its transaction' using errcode = 'MC002';
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

-- Claims a call that acts outside, in a transaction of its own.
--   entered: claimed by p_claim: act
--   found:   finished; stored_* say how it ended
--   busy:    claimed by a process that lives, and not finished
--   unknown: claimed by a process that does not live any more, and not finished
-- p_again: what it does outside may be done again, so a later attempt, or one after a dead process, takes the claim over.
create function ledger_claim(
  p_user text, p_from_client boolean, p_id text, p_index integer,
  p_attempt integer, p_deadline timestamptz, p_tool text, p_hash text, p_instance text, p_claim uuid,
  p_lease_millis integer, p_lock_millis integer, p_again boolean,
  out state text, out stored_tool text, out stored_hash text, out stored_result text)
language plpgsql as $$
declare
  v_lease timestamptz := clock_timestamp() + p_lease_millis * interval '1 millisecond';
  v_row tool_call%rowtype;
begin
  perform set_config('lock_timeout', p_lock_millis::text, true);
  if p_deadline is not null then
    perform set_config('transaction_timeout', ledger_time_left(p_deadline)::text, true);
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

-- Finishes a claim. The first result stays: it is what every attempt returns.
create function ledger_settle(
  p_user text, p_from_client boolean, p_id text, p_index integer, p_deadline timestamptz,
  p_result text)
returns text
language plpgsql as $$
declare
  v_result text;
begin
  update tool_call
  set result = coalesce(result, p_result), claim = null, lease_until = null,
    expires_at = ledger_expiry(p_from_client, p_deadline)
  where user_id = p_user and from_client = p_from_client
    and call_id = p_id and call_index = p_index
  returning result into v_result;
  return coalesce(v_result, p_result);
end $$;

-- Supabase serves what is in this schema to the world unless it is told not to.
alter table schema_compatibility enable row level security;
alter table tool_call enable row level security;
revoke all on function
  ledger_time_left, ledger_enter, ledger_expiry, ledger_finish, ledger_claim, ledger_settle
from public;
do $$
declare
  v_role text;
begin
  for v_role in select rolname from pg_roles where rolname in ('anon', 'authenticated') loop
    execute format('revoke all on function
      ledger_time_left, ledger_enter, ledger_expiry, ledger_finish, ledger_claim, ledger_settle
      from %I', v_role);
  end loop;
end $$;
