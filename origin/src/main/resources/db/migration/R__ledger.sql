-- The ledger's functions: docs/design/ledger.md. What begins a transaction sets enable_seqscan off: a session keeps its plans, also those that it
-- made while a table was empty. Without jit, since PostgreSQL 17 takes a scan that is off for a dear one, and would compile it.

create or replace function ledger_too_late() returns integer
language plpgsql as $$
begin
  raise exception 'The deadline of this attempt has passed' using errcode = 'MC001';
end $$;

-- Milliseconds until the deadline, capped at what a timeout can hold; an error with SQLSTATE MC001 when it has passed. Null without one.
-- It becomes a part of who asks. Not 0, which is no timeout.
create or replace function ledger_time_left(p_deadline timestamptz) returns integer
language sql as $$
  select case
    when p_deadline <= clock_timestamp() then ledger_too_late()
    when p_deadline is not null
      then greatest(1, least(2147483647, ceil(date_part('epoch', p_deadline - clock_timestamp()) * 1000)))::integer end
$$;

-- Returns the time of an edge's call id, a UUID of version 7. Returns null if the id has no time. An edge makes the id by its own clock.
create or replace function ledger_id_time(p_id text) returns timestamptz
language sql stable
return case when p_id ~ '^[0-9a-f]{8}-[0-9a-f]{4}-7'
  then to_timestamp((('x' || lpad(substr(p_id, 1, 8) || substr(p_id, 10, 4), 16, '0'))::bit(64)::bigint) / 1000.0) end;

-- Returns when a call may be forgotten. The call of a client's key is kept for a day. The call of an edge's id is kept for 15 minutes after
-- its deadline, and for as long as its id may be used as a key, also if the edge's clock is ahead of the database's. A day is the longest.
create or replace function ledger_expiry(p_from_client boolean, p_id text, p_deadline timestamptz) returns timestamptz
language sql as $$
  select case when p_from_client then clock_timestamp() + interval '24 hours'
    else least(
      greatest(p_deadline, clock_timestamp(), ledger_id_time(p_id)) + interval '15 minutes',
      clock_timestamp() + interval '24 hours') end
$$;

-- The advisory lock of a call: of two calls with the same number one waits, and nothing else happens. It becomes a part of who asks.
create or replace function ledger_lock(p_user text, p_from_client boolean, p_id text, p_index integer) returns bigint
language sql stable
return pg_catalog.hashtextextended(pg_catalog.concat_ws(pg_catalog.chr(31), p_user, p_from_client, p_id, p_index), 0);

-- The fence: ends the session of an earlier attempt at a call of this transaction's user, as the owner, who may end all origins' sessions.
create or replace function ledger_fence(
  p_from_client boolean, p_id text, p_index integer, p_attempt integer, p_try integer)
returns boolean
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  v_lock bigint := ${schema}.ledger_lock(${schema}.mcpist_user(), p_from_client, p_id, p_index);
begin
  perform pg_terminate_backend(l.pid)
  from pg_locks l join pg_stat_activity a on l.pid = a.pid
  where l.locktype = 'advisory' and l.granted
    and l.database = (select oid from pg_database where datname = current_database())
    and l.classid = ((v_lock >> 32) & 4294967295)::oid
    and l.objid = (v_lock & 4294967295)::oid
    and l.objsubid = 1
    and case when a.application_name ~ '^mcpist:[0-9]{1,9}\.[0-9]{1,9}$'
      then string_to_array(substr(a.application_name, 8), '.')::integer[] < array[p_attempt, p_try]
      else false end;
  return found;
end $$;

-- Of two transactions that change who is again which of a user's undelivered calls of this kind, one waits for the other's end: both end soon.
create or replace function ledger_join(p_user text, p_tool text, p_hash text) returns void
language sql as $$
  select pg_advisory_xact_lock(hashtextextended(concat_ws(chr(31), 'undelivered', p_user, p_tool, p_hash), 0))
$$;

-- Returns the sendings of an undelivered call that may still have attempts: the call itself, which is the first, and those of the last half
-- hour. A client that calls again and again and never waits for the answer would let the list grow without a bound.
create or replace function ledger_recent(p_sendings text[]) returns text[]
language sql as $$
  select array_agg(sending order by place)
  from unnest(p_sendings) with ordinality as all_sendings (sending, place)
  where place = 1 or coalesce(ledger_id_time(split_part(sending, '/', 1)) > clock_timestamp() - interval '30 minutes', true)
$$;

-- The undelivered call that this sending has become, or becomes now: the one that its key names, or else, where the call at hand has not
-- begun and is not too old, the oldest that is open. Null where it is none, or has been the call at hand before. Who is told of one
-- commits: once committed it stays so. The call's lock is held, so what has not begun does not begin meanwhile.
create or replace function ledger_again(
  p_user text, p_id text, p_index integer, p_deadline timestamptz, p_tool text, p_hash text, p_sending text, p_until timestamptz,
  out again_id text, out again_index integer)
language plpgsql as $$
declare
  v_named text := concat_ws('/', p_id, p_index);
  v_may_join boolean := coalesce(p_until > clock_timestamp(), true) and not exists (
    select from tool_call where user_id = p_user and not from_client and call_id = p_id and call_index = p_index);
  v_call undelivered%rowtype;
  v_own undelivered%rowtype;
  v_joins text[];
begin
  for v_look in 1..2 loop
    select * into v_call from undelivered
    where user_id = p_user and tool = p_tool and arguments_hash = p_hash
      and (sendings && array[p_sending, v_named] or v_may_join and call_id <> p_id and open_until > clock_timestamp())
    order by call_id = p_id and call_index = p_index, not sendings && array[p_sending, v_named], call_id, call_index limit 1;
    if not found or (v_call.call_id, v_call.call_index) = (p_id, p_index) and p_sending = any(v_call.sendings) then
      if v_look = 2 then
        again_id := p_id;
        again_index := p_index;
      end if;
      return;
    end if;
    again_id := v_call.call_id;
    again_index := v_call.call_index;
    if p_sending = any(v_call.sendings) then
      return;
    end if;
    perform ledger_join(p_user, p_tool, p_hash);
  end loop;
  -- A record of the call at hand goes into the other's. What had no answer as the one has none as the other.
  if (v_call.call_id, v_call.call_index) <> (p_id, p_index) then
    delete from undelivered
    where user_id = p_user and tool = p_tool and arguments_hash = p_hash and call_id = p_id and call_index = p_index
    returning * into v_own;
  end if;
  v_joins := coalesce(v_own.sendings, array[v_named]);
  if p_sending <> all(v_joins) then
    v_joins := v_joins || p_sending;
    v_own.open_until := null;
  end if;
  update undelivered
  set sendings = ledger_recent(sendings) || v_joins, open_until = v_own.open_until, expires_at = ledger_expiry(false, v_call.call_id, p_deadline)
  where user_id = p_user and tool = p_tool and arguments_hash = p_hash
    and call_id = v_call.call_id and call_index = v_call.call_index;
end $$;

-- Records that the client of a sending has no answer. A second record of the same sending changes nothing after another sending has become the
-- call. SQLSTATE MC001: p_deadline has passed. The notice may be one that an origin kept while it stood still, and another origin may have
-- recorded the notice since, and another sending used it up. SQLSTATE MC005: p_until has passed, so that no sending may become the call.
create or replace function ledger_undelivered(
  p_user text, p_from_client boolean, p_id text, p_index integer, p_deadline timestamptz,
  p_tool text, p_hash text, p_sending text, p_until timestamptz, p_lock_millis integer) returns void
language plpgsql as $$
declare
  v_open timestamptz := clock_timestamp() + interval '1 minute';
begin
  perform
    set_config('mcpist.user_id', p_user, true),
    set_config('enable_seqscan', 'off', true),
    set_config('jit', 'off', true),
    set_config('lock_timeout', p_lock_millis::text, true),
    set_config('transaction_timeout', ledger_time_left(p_deadline)::text, true);
  perform ledger_join(p_user, p_tool, p_hash);
  -- The times are judged when the wait for the lock is over.
  perform ledger_time_left(p_deadline);
  if p_until <= clock_timestamp() then
    raise exception 'This call is too old to be recorded' using errcode = 'MC005';
  end if;
  -- What has not begun may begin still, after another sending has become what this one would have been: so it becomes that first.
  if pg_try_advisory_xact_lock(ledger_lock(p_user, p_from_client, p_id, p_index)) then
    perform ledger_again(p_user, p_id, p_index, p_deadline, p_tool, p_hash, p_sending, p_until);
  end if;
  update undelivered
  set open_until = case when sendings[cardinality(sendings)] = p_sending then v_open else open_until end
  where user_id = p_user and tool = p_tool and arguments_hash = p_hash and p_sending = any(sendings);
  if not found then
    insert into undelivered values
      (p_user, p_tool, p_hash, p_id, p_index, array[concat_ws('/', p_id, p_index), p_sending], v_open, ledger_expiry(false, p_id, p_deadline))
    on conflict (user_id, tool, arguments_hash, call_id, call_index) do update
    set sendings = undelivered.sendings || p_sending, open_until = v_open;
  end if;
end $$;

-- The first statement of a call that writes: names the user, sets this transaction's limits, takes the call's lock, and looks the call up.
--   entered: the lock is held, the call has not been made
--   found:   it has been made; stored_* say how it ended
--   busy:    another attempt is at it, which may not be fenced off by this one
--   again:   this sending is the undelivered call again_*: commit, and enter as that
--   old:     nothing is known of it, and p_until has passed: it may have been made and forgotten
-- In try 0 the tool's first statement follows in the same message, and ledger_finish where the tool knows its result. Unless the call is new,
-- ledger_enter fails (SQLSTATE MC004), so that nothing of this is run. The next try enters alone.
create or replace function ledger_enter(
  p_user text, p_from_client boolean, p_id text, p_index integer,
  p_attempt integer, p_try integer, p_deadline timestamptz,
  p_lock_millis integer, p_statement_millis integer, p_idle_millis integer,
  p_tool text, p_hash text, p_sending text, p_until timestamptz,
  out state text, out stored_tool text, out stored_hash text, out stored_result text, out again_id text, out again_index integer)
language plpgsql as $$
declare
  v_lock bigint := ledger_lock(p_user, p_from_client, p_id, p_index);
  -- Not "perform", which runs a query.
  v_set text := concat(
    set_config('mcpist.user_id', p_user, true),
    set_config('enable_seqscan', 'off', true),
    set_config('jit', 'off', true),
    set_config('application_name', concat('mcpist:', p_attempt, '.', p_try), true),
    set_config('lock_timeout', p_lock_millis::text, true),
    set_config('statement_timeout', p_statement_millis::text, true),
    set_config('idle_in_transaction_session_timeout', p_idle_millis::text, true),
    set_config('transaction_timeout', ledger_time_left(p_deadline)::text, true));
  v_found boolean;
  v_undone boolean;
  v_undelivered boolean;
begin
  if not pg_try_advisory_xact_lock(v_lock) then
    if p_try = 0 then
      raise exception 'Another attempt is at this call' using errcode = 'MC004';
    end if;
    -- Where an earlier attempt holds the lock, the edge has given up on it.
    if not ledger_fence(p_from_client, p_id, p_index, p_attempt, p_try) then
      state := 'busy';
      return;
    end if;
    perform pg_advisory_xact_lock(v_lock);
  end if;
  -- A statement of its own, so that it sees what was committed before the lock was given.
  select tool, arguments_hash, result, call_id is not null, refused and attempt <= p_attempt,
    not p_from_client and exists (select from undelivered where user_id = p_user and tool = p_tool and arguments_hash = p_hash)
  into stored_tool, stored_hash, stored_result, v_found, v_undone, v_undelivered
  from (select) as always left join tool_call
    on user_id = p_user and from_client = p_from_client and call_id = p_id and call_index = p_index;
  if p_try = 0 and (v_found or v_undelivered or p_until <= clock_timestamp()) then
    raise exception 'This call is not new' using errcode = 'MC004';
  end if;
  if v_found and v_undone then
    delete from tool_call
    where user_id = p_user and from_client = p_from_client and call_id = p_id and call_index = p_index;
    stored_tool := null;
    stored_hash := null;
    stored_result := null;
    v_found := false;
  end if;
  if v_undelivered then
    select * into again_id, again_index
    from ledger_again(p_user, p_id, p_index, p_deadline, p_tool, p_hash, p_sending, p_until);
    if again_id is not null then
      state := 'again';
      return;
    end if;
  end if;
  state := case when v_found then 'found' when p_until <= clock_timestamp() then 'old' else 'entered' end;
end $$;

-- For a statement that finds that its call's result is not the one that is sent with it. In try 0 it fails (SQLSTATE MC004). The next try waits
-- for the statement's answer before it records a result.
create or replace function ledger_other_result() returns void
language plpgsql as $$
begin
  if current_setting('application_name') ~ '^mcpist:[0-9]+\.0$' then
    raise exception 'This call has another result' using errcode = 'MC004';
  end if;
end $$;

-- Records the result: the last statement before COMMIT of a call that writes. SQLSTATE MC002: this is not the transaction that ledger_enter
-- began. p_refused: it has done nothing, and no earlier attempt shall.
create or replace function ledger_finish(
  p_user text, p_from_client boolean, p_id text, p_index integer,
  p_attempt integer, p_try integer, p_deadline timestamptz,
  p_tool text, p_hash text, p_instance text, p_result text, p_refused boolean)
returns void
language plpgsql as $$
begin
  if current_setting('application_name') <> concat('mcpist:', p_attempt, '.', p_try) then
    raise exception 'The tool has ended its transaction' using errcode = 'MC002';
  end if;
  insert into tool_call
    (user_id, from_client, call_id, call_index, tool, arguments_hash, attempt, instance, result, expires_at, refused)
  values
    (p_user, p_from_client, p_id, p_index, p_tool, p_hash, p_attempt, p_instance, p_result,
     ledger_expiry(p_from_client, p_id, p_deadline), p_refused);
  if p_deadline <= clock_timestamp() then
    perform ledger_too_late();
  end if;
end $$;

-- Claims a call that acts outside, in a transaction of its own.
--   entered: claimed by p_claim: act
--   found:   finished; stored_* say how it ended
--   busy:    claimed by a process that lives, and not finished
--   unknown: claimed by a process whose lease has run out, and not finished. Nobody has the claim from now on, so that this process, if it was
--            only stopped, does not act when it goes on
--   again, old: as ledger_enter says
-- p_prepares: the tool calls ledger_hold before it acts. If the lease runs out before that, another attempt takes the claim over, whatever the
-- tool does. Nothing has been done, and nothing can be done under the claim that has ended.
-- p_again: what the tool does outside may be done again. If this is so in this process and was so for the attempt that made the claim, an
-- attempt that finds its lease run out takes the claim over. It waits for that, since the attempt that has the claim may act until then: it
-- could otherwise act after a newer call of the client.
create or replace function ledger_claim(
  p_user text, p_from_client boolean, p_id text, p_index integer,
  p_attempt integer, p_deadline timestamptz, p_tool text, p_hash text, p_instance text, p_claim uuid,
  p_lease_millis integer, p_lock_millis integer, p_again boolean, p_prepares boolean, p_sending text, p_until timestamptz,
  out state text, out stored_tool text, out stored_hash text, out stored_result text, out again_id text, out again_index integer)
language plpgsql as $$
declare
  v_now timestamptz;
begin
  perform
    set_config('mcpist.user_id', p_user, true),
    set_config('enable_seqscan', 'off', true),
    set_config('jit', 'off', true),
    set_config('lock_timeout', p_lock_millis::text, true),
    set_config('transaction_timeout', ledger_time_left(p_deadline)::text, true);
  -- The lock tells ledger_undelivered that the call has begun.
  perform pg_advisory_xact_lock(ledger_lock(p_user, p_from_client, p_id, p_index));
  if not p_from_client and exists (
      select from undelivered where user_id = p_user and tool = p_tool and arguments_hash = p_hash) then
    select * into again_id, again_index
    from ledger_again(p_user, p_id, p_index, p_deadline, p_tool, p_hash, p_sending, p_until);
    if again_id is not null then
      state := 'again';
      return;
    end if;
  end if;
  -- The lease begins when the locks are there: a wait for them must not use it up.
  v_now := clock_timestamp();
  insert into tool_call as other
    (user_id, from_client, call_id, call_index, tool, arguments_hash, attempt, instance, claim, again, prepares, lease_until, expires_at)
  select
    p_user, p_from_client, p_id, p_index, p_tool, p_hash, p_attempt, p_instance, p_claim, p_again, p_prepares,
    v_now + p_lease_millis * interval '1 millisecond', ledger_expiry(p_from_client, p_id, p_deadline)
  where coalesce(p_until > clock_timestamp(), true)
  on conflict (user_id, from_client, call_id, call_index) do update
  set tool = p_tool, arguments_hash = p_hash, attempt = p_attempt, instance = p_instance, result = null, refused = false, claim = p_claim,
    again = p_again, lease_until = v_now + p_lease_millis * interval '1 millisecond', at = clock_timestamp(),
    -- A first try whose answer was lost may run late, when the call has acted.
    prepares = p_prepares and (other.claim is distinct from p_claim or other.prepares)
  where other.refused and other.attempt <= p_attempt
    or other.result is null and other.tool = p_tool and other.arguments_hash = p_hash
      and (other.claim = p_claim -- The answer to the first try was lost.
        or (other.prepares or p_again and other.again) and coalesce(other.lease_until <= v_now, true));
  if found then
    state := 'entered';
    return;
  end if;
  -- The row is locked, so it stays as it is; but for what is too old.
  select tool, arguments_hash, result, case
      when refused and attempt <= p_attempt then 'old'
      when result is not null or tool <> p_tool or arguments_hash <> p_hash then 'found'
      when lease_until > v_now then 'busy'
      when prepares then 'old' -- Else it would have been taken over.
      else 'unknown' end
  into stored_tool, stored_hash, stored_result, state
  from tool_call
  where user_id = p_user and from_client = p_from_client and call_id = p_id and call_index = p_index;
  state := coalesce(state, 'old');
  if state = 'unknown' then
    update tool_call set claim = null, lease_until = null
    where user_id = p_user and from_client = p_from_client and call_id = p_id and call_index = p_index;
  end if;
end $$;

-- Finishes a claim. The first result stays: it is what every attempt returns. Does nothing if the key now belongs to another call: a client may
-- use its key for a corrected call after it was told that nothing was run.
create or replace function ledger_settle(
  p_user text, p_from_client boolean, p_id text, p_index integer, p_deadline timestamptz, p_tool text, p_hash text, p_result text)
returns text
language plpgsql as $$
declare
  v_result text;
begin
  perform set_config('mcpist.user_id', p_user, true), set_config('enable_seqscan', 'off', true), set_config('jit', 'off', true);
  update tool_call
  set result = coalesce(result, p_result), claim = null, lease_until = null,
    at = case when result is null then clock_timestamp() else at end,
    expires_at = ledger_expiry(p_from_client, p_id, p_deadline)
  where user_id = p_user and from_client = p_from_client and call_id = p_id and call_index = p_index
    and tool = p_tool and arguments_hash = p_hash
  returning result into v_result;
  return coalesce(v_result, p_result);
end $$;

-- Records of a claim that has done nothing that no earlier attempt shall do it. Returns false if the claim has ended.
create or replace function ledger_refuse_claim(
  p_user text, p_from_client boolean, p_id text, p_index integer, p_deadline timestamptz, p_tool text, p_hash text, p_result text, p_claim uuid)
returns boolean
language plpgsql as $$
begin
  perform set_config('mcpist.user_id', p_user, true), set_config('enable_seqscan', 'off', true), set_config('jit', 'off', true);
  update tool_call
  set result = coalesce(result, p_result), refused = true, claim = null, lease_until = null, at = clock_timestamp(),
    expires_at = ledger_expiry(p_from_client, p_id, p_deadline)
  where user_id = p_user and from_client = p_from_client and call_id = p_id and call_index = p_index
    and tool = p_tool and arguments_hash = p_hash and claim = p_claim;
  return found;
end $$;

-- Deletes a claim that has done nothing. Returns false if the claim has ended.
create or replace function ledger_give_up(p_user text, p_claim uuid) returns boolean
language plpgsql as $$
begin
  perform set_config('mcpist.user_id', p_user, true), set_config('enable_seqscan', 'off', true), set_config('jit', 'off', true);
  delete from tool_call where claim = p_claim;
  return found;
end $$;

-- Renews the leases of claims, and returns the claims that are still there. Only who made a claim knows its number.
create or replace function ledger_renew(p_claims uuid[], p_lease_millis integer) returns setof uuid
language sql security definer set search_path = pg_catalog, pg_temp set enable_seqscan = off set jit = off as $$
  update ${schema}.tool_call
  set lease_until = clock_timestamp() + p_lease_millis * interval '1 millisecond'
  where claim = any(p_claims)
  returning claim
$$;

-- Renews the lease of a claim right before its attempt acts, and records that the attempt may have acted from now on. Returns for how many
-- milliseconds the attempt may act: to the end of the lease, or to the deadline if that is earlier. Returns null if the attempt must not act: the claim has ended, or the deadline has passed.
create or replace function ledger_hold(p_claim uuid, p_lease_millis integer, p_deadline timestamptz) returns integer
language sql security definer set search_path = pg_catalog, pg_temp set enable_seqscan = off set jit = off as $$
  update ${schema}.tool_call
  set prepares = false, lease_until = clock_timestamp() + p_lease_millis * interval '1 millisecond'
  where claim = p_claim and (p_deadline is null or p_deadline > clock_timestamp())
  returning least(p_lease_millis, floor(date_part('epoch', p_deadline - clock_timestamp()) * 1000))::integer
$$;

-- Returns true if an attempt at the call is recorded that has run, or may have run, the call.
create or replace function ledger_is_recorded(p_user text, p_from_client boolean, p_id text, p_index integer) returns boolean
language plpgsql as $$
begin
  perform set_config('mcpist.user_id', p_user, true), set_config('enable_seqscan', 'off', true), set_config('jit', 'off', true);
  return exists (
    select from tool_call
    where user_id = p_user and from_client = p_from_client and call_id = p_id and call_index = p_index and not refused);
end $$;

-- Deletes calls that have expired, and what is known of undelivered ones, whoever's they are; says how many, of that of which it was more.
-- Passes over what another origin is deleting.
create or replace function ledger_clean(p_most integer) returns integer
language sql security definer set search_path = pg_catalog, pg_temp set enable_seqscan = off set jit = off as $$
  with forgotten as (
    delete from ${schema}.undelivered where ctid = any(array(
      select ctid from ${schema}.undelivered where expires_at < now() order by expires_at limit p_most for update skip locked))
    returning 1),
  deleted as (
    delete from ${schema}.tool_call where ctid = any(array(
      select ctid from ${schema}.tool_call
      where expires_at < now() and (lease_until is null or lease_until < now())
      order by expires_at limit p_most for update skip locked))
    returning 1)
  select greatest((select count(*) from deleted), (select count(*) from forgotten))::integer
$$;

-- What is known of calls under these ids, whoever's they are, without what they were given and gave. An id is the client's key, or an edge's
-- id of the call or of a further sending. p_unknown: the result of a call of which nobody knows how it ended.
create or replace function ledger_find(
  p_ids text[], p_unknown text,
  out user_id text, out from_client boolean, out call_id text, out call_index integer, out tool text, out attempt integer, out state text,
  out at timestamptz, out undelivered boolean, out open_until timestamptz)
returns setof record
language sql stable security definer set search_path = pg_catalog, pg_temp set enable_seqscan = off set jit = off as $$
  with named as (
    select c.user_id, c.call_id, c.call_index from ${schema}.tool_call c where c.call_id = any(p_ids)
    union
    select u.user_id, u.call_id, u.call_index from ${schema}.undelivered u
    where u.call_id = any(p_ids) or exists (select from unnest(u.sendings) as s where split_part(s, '/', 1) = any(p_ids)))
  select n.user_id, coalesce(c.from_client, false), n.call_id, n.call_index, coalesce(c.tool, u.tool), c.attempt,
    case
      when c.call_id is null then null
      when c.refused then 'refused'
      when c.result = p_unknown then 'unknown'
      when c.result is not null then 'done'
      when c.lease_until > clock_timestamp() then 'running'
      when c.prepares then 'prepared'
      else 'unknown' end,
    c.at, u.call_id is not null, u.open_until
  from named n
    left join ${schema}.tool_call c on (c.user_id, c.call_id, c.call_index) = (n.user_id, n.call_id, n.call_index)
    left join ${schema}.undelivered u on (u.user_id, u.call_id, u.call_index) = (n.user_id, n.call_id, n.call_index)
  order by c.at desc
$$;

revoke all on function ledger_too_late, ledger_time_left, ledger_id_time, ledger_expiry, ledger_lock, ledger_fence, ledger_join, ledger_recent, ledger_again,
  ledger_undelivered, ledger_enter, ledger_other_result, ledger_finish, ledger_claim, ledger_settle, ledger_refuse_claim,
  ledger_give_up, ledger_renew, ledger_hold,
  ledger_is_recorded, ledger_find, ledger_clean from ${everyone};
grant execute on function ledger_too_late, ledger_time_left, ledger_id_time, ledger_expiry, ledger_lock, ledger_fence, ledger_join, ledger_recent, ledger_again,
  ledger_undelivered, ledger_enter, ledger_other_result, ledger_finish, ledger_claim, ledger_settle, ledger_refuse_claim,
  ledger_give_up, ledger_renew, ledger_hold,
  ledger_is_recorded, ledger_find, ledger_clean to mcpist_origin;
