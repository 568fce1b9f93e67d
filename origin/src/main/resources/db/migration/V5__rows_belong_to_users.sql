insert into schema_compatibility values (5, 2);

-- What origins run as: a member of this role, which has rights on the tables and owns none of them. Roles are the cluster's, so
-- another database may have it, or be making it in this moment.
do $$
begin
  if to_regrole('mcpist_origin') is null then
    create role mcpist_origin nologin nosuperuser nocreatedb nocreaterole noreplication nobypassrls;
  end if;
exception
  when duplicate_object or unique_violation then
    null;
  when insufficient_privilege then
    raise exception 'The role % may not make roles: run CREATE ROLE mcpist_origin NOLOGIN; GRANT mcpist_origin TO % WITH ADMIN OPTION; as an administrator of the database',
      quote_ident(current_user), quote_ident(current_user)
      using errcode = 'insufficient_privilege';
end $$;

do $$
begin
  execute format('grant usage on schema %I to mcpist_origin', current_schema());
end $$;
grant select on schema_compatibility to mcpist_origin;
grant select, insert on request_state_key to mcpist_origin;
grant select, insert, update, delete on tool_call, memory, deployment_lock, release, event to mcpist_origin;

-- The user that this transaction has named; none is named by a release that knows of no such thing, to which no row would look as if there
-- were nothing. To every release a SQLSTATE of class 58 is the system's fault and not the call's, for another origin to try.
create function mcpist_user() returns text
language plpgsql stable as $$
declare
  v_user text := nullif(pg_catalog.current_setting('mcpist.user_id', true), '');
begin
  if v_user is null then
    raise exception 'This transaction has named no user' using errcode = '58M03';
  end if;
  return v_user;
end $$;

-- What is a user's: a transaction sees the rows of the user that it has named.
create policy of_user on tool_call to mcpist_origin using (user_id = (select mcpist_user()));
create policy of_user on memory to mcpist_origin using (user_id = (select mcpist_user()));

-- What is nobody's.
create policy of_origins on schema_compatibility for select to mcpist_origin using (true);
create policy of_origins on request_state_key to mcpist_origin using (true);
create policy of_origins on deployment_lock to mcpist_origin using (true);
create policy of_origins on release to mcpist_origin using (true);
create policy of_origins on event to mcpist_origin using (true);

-- The advisory lock of a call: of two calls with the same number one waits, and nothing else happens.
create function ledger_lock(p_user text, p_from_client boolean, p_id text, p_index integer) returns bigint
language sql as $$
  select pg_catalog.hashtextextended(pg_catalog.concat_ws(pg_catalog.chr(31), p_user, p_from_client, p_id, p_index), 0::bigint)
$$;

-- What runs as the owner names whatever it uses by its schema, operators too: the schema that its tables are in may have a better match for
-- a name, of somebody else's making. = and < are of exactly these types, so that the ones of pg_catalog are found first.

-- The fence: ends the session of an earlier attempt at a call of this transaction's user. It runs as the owner, who may end the
-- sessions of its own and of all origins' roles: of a release that ran as the owner, and of the two that there are in a rotation.
create function ledger_fence(
  p_from_client boolean, p_id text, p_index integer, p_attempt integer, p_try integer)
returns boolean
language plpgsql security definer as $$
declare
  v_lock bigint := ledger_lock(mcpist_user(), p_from_client, p_id, p_index);
begin
  perform pg_catalog.pg_terminate_backend(l.pid, 0::bigint)
  from pg_catalog.pg_locks l join pg_catalog.pg_stat_activity a on l.pid = a.pid
  where l.locktype = 'advisory'::text and l.granted
    and l.database = (select oid from pg_catalog.pg_database where datname = pg_catalog.current_database())
    and l.classid = ((v_lock operator(pg_catalog.>>) 32::integer) operator(pg_catalog.&) 4294967295::bigint)::oid
    and l.objid = (v_lock operator(pg_catalog.&) 4294967295::bigint)::oid
    and l.objsubid = 1::smallint
    and case when a.application_name operator(pg_catalog.~) '^mcpist:[0-9]{1,9}\.[0-9]{1,9}$'::text
      then pg_catalog.string_to_array(pg_catalog.substr(a.application_name, 8::integer), '.'::text)::integer[]
        operator(pg_catalog.<) array[p_attempt, p_try]
      else false end;
  return found;
end $$;

-- As in V1, and for the user's rows only.
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
    and call_id = p_id and call_index = p_index;
  state := case when found then 'found' else 'entered' end;
end $$;

-- As in V1, and for the user's rows only.
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

-- As in V1, and for the user's rows only.
create or replace function ledger_settle(
  p_user text, p_from_client boolean, p_id text, p_index integer, p_deadline timestamptz,
  p_result text)
returns text
language plpgsql as $$
declare
  v_result text;
begin
  perform set_config('mcpist.user_id', p_user, true);
  update tool_call
  set result = coalesce(result, p_result), claim = null, lease_until = null,
    expires_at = ledger_expiry(p_from_client, p_deadline)
  where user_id = p_user and from_client = p_from_client
    and call_id = p_id and call_index = p_index
  returning result into v_result;
  return coalesce(v_result, p_result);
end $$;

-- Says that the process of these claims lives, whoever's calls they are of. Only who made a claim knows its number.
create function ledger_renew(p_claims uuid[], p_lease_millis integer) returns void
language sql security definer as $$
  update tool_call
  set lease_until = pg_catalog.clock_timestamp()
    operator(pg_catalog.+) (p_lease_millis operator(pg_catalog.*) interval '1 millisecond')
  where claim operator(pg_catalog.=) any(p_claims)
$$;

-- Deletes calls that have expired, whoever's they are, and says how many. Passes over what another origin is deleting.
create function ledger_clean(p_most integer) returns integer
language plpgsql security definer as $$
declare
  v_deleted integer;
begin
  delete from tool_call where ctid operator(pg_catalog.=) any(array(
    select ctid from tool_call
    where expires_at < pg_catalog.now() and (lease_until is null or lease_until < pg_catalog.now())
    order by expires_at limit p_most for update skip locked));
  get diagnostics v_deleted = row_count;
  return v_deleted;
end $$;

-- Which memories of this transaction's user have all of these terms. As the owner: behind row-level security no index may be asked
-- with an operator that is not leakproof, and that of arrays is not.
create function memory_with_terms(p_terms text[]) returns setof uuid
language sql stable security definer rows 100 as $$
  select id from memory
  where user_id = mcpist_user() and terms operator(pg_catalog.@>) p_terms
$$;

do $$
declare
  v_function regprocedure;
  v_role text;
begin
  for v_function in
    select oid::regprocedure from pg_proc
    where pronamespace = current_schema()::regnamespace
      and proname in ('mcpist_user', 'ledger_lock', 'ledger_fence', 'ledger_renew', 'ledger_clean', 'memory_with_terms')
  loop
    -- What runs as the owner must not be led to another's tables and operators.
    execute format('alter function %s set search_path = pg_catalog, %I, pg_temp', v_function, current_schema());
    execute format('revoke all on function %s from public', v_function);
    for v_role in select rolname from pg_roles where rolname in ('anon', 'authenticated') loop
      execute format('revoke all on function %s from %I', v_function, v_role);
    end loop;
  end loop;
end $$;
grant execute on function
  ledger_time_left, ledger_enter, ledger_expiry, ledger_finish, ledger_claim, ledger_settle,
  mcpist_user, ledger_lock, ledger_fence, ledger_renew, ledger_clean, memory_with_terms
to mcpist_origin;
