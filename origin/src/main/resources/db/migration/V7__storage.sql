insert into schema_compatibility values (7, 2);

-- How much each user has stored, in bytes: memories, and what the ledger keeps of calls. What a user has in a table is the sum of several
-- rows: a transaction writes one that no other has locked, so that no call waits for another of its user's, whose origin may hang.
create table stored (
  id bigint generated always as identity primary key,
  user_id text not null,
  -- The table that it is stored in.
  counted text not null,
  bytes bigint not null
) with (fillfactor = 50);
create index stored_user_id on stored (user_id, counted, id);

alter table stored enable row level security;
grant select on stored to mcpist_origin;
create policy of_user on stored for select to mcpist_origin
  using (user_id = (select nullif(current_setting('mcpist.user_id', true), '')));
create policy of_admin on stored for select to mcpist_origin
  using ((select current_setting('mcpist.admin', true) = 'on'));

-- By how many bytes this transaction has made what is stored larger so far: mcpist.kept has what the ledger keeps, mcpist.stored all else.
-- Functions without a search path of their own cost nothing to ask: this one's names are resolved here, once.
create function stored_growth(p_setting text) returns bigint
language sql stable return coalesce(nullif(pg_catalog.current_setting(p_setting, true), ''), '0')::bigint;

-- Counts for a trigger, which runs as the owner. Rows that nobody has locked become one, and none where nothing is left.
create function stored_add(p_user text, p_counted text, p_bytes bigint) returns void
language plpgsql security definer as $$
declare
  v_setting text := case when p_counted operator(pg_catalog.=) 'tool_call'::text then 'mcpist.kept' else 'mcpist.stored' end;
  v_free bigint[];
  v_bytes bigint;
begin
  perform pg_catalog.set_config(v_setting, (stored_growth(v_setting) operator(pg_catalog.+) p_bytes)::text, true);
  select pg_catalog.array_agg(free.id), (pg_catalog.sum(free.bytes) operator(pg_catalog.+) p_bytes::numeric)::bigint into v_free, v_bytes
  from (
    select id, bytes from stored
    where user_id operator(pg_catalog.=) p_user and counted operator(pg_catalog.=) p_counted
    order by id for update skip locked) as free;
  if v_free is null then
    insert into stored (user_id, counted, bytes) values (p_user, p_counted, p_bytes);
    return;
  end if;
  if v_bytes operator(pg_catalog.<>) 0::bigint then
    update stored set bytes = v_bytes where id operator(pg_catalog.=) v_free[1];
    v_free := v_free[2:];
  end if;
  if pg_catalog.cardinality(v_free) operator(pg_catalog.>) 0 then
    delete from stored where id operator(pg_catalog.=) any(v_free);
  end if;
end $$;

-- The last statement of a transaction that stores something for its user. SQLSTATE MC003: it has made it more, and more than the plan
-- allows. The detail is then what there would be, how much of that the ledger keeps, and what may be, in bytes. The ledger keeps a row of a
-- call that frees something too: such a one may go up to twice as far.
create function stored_check() returns void
language plpgsql as $$
declare
  v_user text := mcpist_user();
  v_own bigint := stored_growth('mcpist.stored');
  v_most bigint;
  v_stored bigint;
  v_kept bigint;
begin
  if v_own <= 0 and stored_growth('mcpist.kept') <= 0 then
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

-- For tables whose rows take about as much each, which its argument says: triggers of modules, for rows that come and for rows that go.
create function stored_row() returns trigger
language plpgsql security definer as $$
declare
  v_of record;
begin
  if tg_op operator(pg_catalog.=) 'INSERT'::text then
    for v_of in select user_id, pg_catalog.count(*) as rows from came group by user_id loop
      perform stored_add(v_of.user_id, tg_table_name::text, v_of.rows operator(pg_catalog.*) tg_argv[0]::bigint);
    end loop;
  elsif tg_op operator(pg_catalog.=) 'DELETE'::text then
    for v_of in select user_id, pg_catalog.count(*) as rows from gone group by user_id loop
      perform stored_add(v_of.user_id, tg_table_name::text, v_of.rows operator(pg_catalog.*) (operator(pg_catalog.-) tg_argv[0]::bigint));
    end loop;
  else
    raise exception 'stored_row counts rows that are inserted or deleted, not what happens at %', tg_op;
  end if;
  return null;
end $$;

create function stored_forget() returns trigger
language plpgsql security definer as $$
begin
  delete from stored where counted operator(pg_catalog.=) tg_table_name::text;
  return null;
end $$;

-- What a memory takes: its text, the same for the search, and what the index has of it. Measured in docs/design/database.md.
create function memory_size(p_title text, p_text text, p_tags text[], p_head text, p_all text, p_terms text[]) returns bigint
language sql immutable as $$
  select (1024
    operator(pg_catalog.+) pg_catalog.octet_length(p_title)
    operator(pg_catalog.+) pg_catalog.octet_length(p_text)
    operator(pg_catalog.+) pg_catalog.octet_length(pg_catalog.array_to_string(p_tags, ''))
    operator(pg_catalog.+) pg_catalog.octet_length(p_head)
    operator(pg_catalog.+) pg_catalog.octet_length(p_all)
    operator(pg_catalog.+) (24 operator(pg_catalog.*) pg_catalog.cardinality(p_terms)))::bigint
$$;

create function memory_stored() returns trigger
language plpgsql security definer as $$
declare
  v_of record;
begin
  if tg_op operator(pg_catalog.=) 'INSERT'::text then
    for v_of in
      select user_id, pg_catalog.sum(memory_size(title, text, tags, search_head, search_text, terms))::bigint as bytes
      from came group by user_id
    loop
      perform stored_add(v_of.user_id, 'memory', v_of.bytes);
    end loop;
  elsif tg_op operator(pg_catalog.=) 'DELETE'::text then
    for v_of in
      select user_id, pg_catalog.sum(memory_size(title, text, tags, search_head, search_text, terms))::bigint as bytes
      from gone group by user_id
    loop
      perform stored_add(v_of.user_id, 'memory', operator(pg_catalog.-) v_of.bytes);
    end loop;
  else
    for v_of in
      select changed.user_id, pg_catalog.sum(changed.bytes)::bigint as bytes
      from (
        select user_id, memory_size(title, text, tags, search_head, search_text, terms) as bytes from came
        union all
        select user_id, operator(pg_catalog.-) memory_size(title, text, tags, search_head, search_text, terms) from gone) as changed
      group by changed.user_id
    loop
      perform stored_add(v_of.user_id, 'memory', v_of.bytes);
    end loop;
  end if;
  return null;
end $$;

-- What the ledger keeps of a call: its result, and 512 bytes for all else.
create function tool_call_size(p_result text) returns bigint
language sql immutable as $$
  select (512 operator(pg_catalog.+) coalesce(pg_catalog.octet_length(p_result), 0))::bigint
$$;

create function tool_call_stored() returns trigger
language plpgsql security definer as $$
declare
  v_of record;
begin
  if tg_op operator(pg_catalog.=) 'INSERT'::text then
    for v_of in select user_id, pg_catalog.sum(tool_call_size(result))::bigint as bytes from came group by user_id loop
      perform stored_add(v_of.user_id, 'tool_call', v_of.bytes);
    end loop;
  elsif tg_op operator(pg_catalog.=) 'DELETE'::text then
    for v_of in select user_id, pg_catalog.sum(tool_call_size(result))::bigint as bytes from gone group by user_id loop
      perform stored_add(v_of.user_id, 'tool_call', operator(pg_catalog.-) v_of.bytes);
    end loop;
  else
    -- Most only say that a claim lives.
    for v_of in
      select changed.user_id, pg_catalog.sum(changed.bytes)::bigint as bytes
      from (
        select user_id, tool_call_size(result) as bytes from came
        union all
        select user_id, operator(pg_catalog.-) tool_call_size(result) from gone) as changed
      group by changed.user_id having pg_catalog.sum(changed.bytes)::bigint operator(pg_catalog.<>) 0::bigint
    loop
      perform stored_add(v_of.user_id, 'tool_call', v_of.bytes);
    end loop;
  end if;
  return null;
end $$;

-- Counts all anew: after rows were written past the triggers, say, as some ways to restore a backup do. Nothing is written meanwhile.
create function stored_recount() returns void
language plpgsql as $$
begin
  lock table memory in share row exclusive mode;
  delete from stored where counted = 'memory';
  insert into stored (user_id, counted, bytes)
    select user_id, 'memory', sum(memory_size(title, text, tags, search_head, search_text, terms)) from memory group by user_id;
  lock table tool_call in share row exclusive mode;
  delete from stored where counted = 'tool_call';
  insert into stored (user_id, counted, bytes)
    select user_id, 'tool_call', sum(tool_call_size(result)) from tool_call group by user_id;
end $$;

create trigger memory_came after insert on memory referencing new table as came
  for each statement execute function memory_stored();
create trigger memory_changed after update on memory referencing old table as gone new table as came
  for each statement execute function memory_stored();
create trigger memory_gone after delete on memory referencing old table as gone
  for each statement execute function memory_stored();
create trigger memory_emptied after truncate on memory
  for each statement execute function stored_forget();
-- Last what calls that act outside need every second: the ledger is locked for a moment, after the memories are counted.
insert into stored (user_id, counted, bytes)
  select user_id, 'memory', sum(memory_size(title, text, tags, search_head, search_text, terms)) from memory group by user_id;
create trigger tool_call_came after insert on tool_call referencing new table as came
  for each statement execute function tool_call_stored();
create trigger tool_call_changed after update on tool_call referencing old table as gone new table as came
  for each statement execute function tool_call_stored();
create trigger tool_call_gone after delete on tool_call referencing old table as gone
  for each statement execute function tool_call_stored();
create trigger tool_call_emptied after truncate on tool_call
  for each statement execute function stored_forget();
insert into stored (user_id, counted, bytes)
  select user_id, 'tool_call', sum(tool_call_size(result)) from tool_call group by user_id;

-- How much its users may store, in MiB. Nobody is shut out by what there was already.
alter table plan add column storage_mib integer not null default 100 check (storage_mib > 0);
update plan set storage_mib = greatest(100, (
  select ceil(2 * max(used.bytes) / 1048576) from (select sum(bytes) as bytes from stored group by user_id) as used)::integer);

do $$
declare
  v_function regprocedure;
  v_role text;
begin
  for v_function in
    select oid::regprocedure from pg_proc
    where pronamespace = current_schema()::regnamespace
      and proname in ('stored_growth', 'stored_add', 'stored_check', 'stored_row', 'stored_forget', 'stored_recount',
        'memory_size', 'memory_stored', 'tool_call_size', 'tool_call_stored')
  loop
    -- As of all that runs as the owner, or is asked by it.
    if v_function::regproc not in ('stored_growth'::regproc, 'memory_size'::regproc, 'tool_call_size'::regproc) then
      execute format('alter function %s set search_path = pg_catalog, %I, pg_temp', v_function, current_schema());
    end if;
    execute format('revoke all on function %s from public', v_function);
    for v_role in select rolname from pg_roles where rolname in ('anon', 'authenticated') loop
      execute format('revoke all on function %s from %I', v_function, v_role);
    end loop;
  end loop;
end $$;
grant execute on function stored_growth, stored_check to mcpist_origin;
