insert into schema_compatibility values (7, 2);

-- How much each user has stored, in bytes: memories, and what the ledger keeps of calls. A user has several rows, whose sum counts. A
-- transaction takes one that no other has locked, or makes one, so that no call waits for another of its user's, whose origin may hang.
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

-- How much its users may store, in MiB.
alter table plan add column storage_mib integer not null default 100 check (storage_mib > 0);

-- By how many bytes this transaction has made what is stored larger, so far. Functions without a search path of their own cost nothing to
-- ask: this one's names are resolved here, once.
create function stored_growth() returns bigint
language sql stable return coalesce(nullif(pg_catalog.current_setting('mcpist.stored', true), ''), '0')::bigint;

-- Counts for a trigger, which runs as the owner.
create function stored_add(p_user text, p_counted text, p_bytes bigint) returns void
language plpgsql security definer as $$
begin
  perform pg_catalog.set_config('mcpist.stored', (stored_growth() operator(pg_catalog.+) p_bytes)::text, true);
  update stored set bytes = bytes operator(pg_catalog.+) p_bytes
  where id operator(pg_catalog.=) (
    select id from stored
    where user_id operator(pg_catalog.=) p_user and counted operator(pg_catalog.=) p_counted
    order by id limit 1 for update skip locked);
  if not found then
    insert into stored (user_id, counted, bytes) values (p_user, p_counted, p_bytes);
  end if;
end $$;

-- The last statement of a transaction that stores something for its user. SQLSTATE MC003: it has made it more, and more than the plan
-- allows. The detail is then what there would be, how much of that the ledger keeps, and what may be, in bytes.
create function stored_check() returns void
language plpgsql as $$
declare
  v_user text := mcpist_user();
  v_most bigint;
  v_stored bigint;
  v_kept bigint;
begin
  if stored_growth() <= 0 then
    return;
  end if;
  select storage_mib * 1048576::bigint into v_most from plan
  where name = coalesce((select plan from account where user_id = v_user), 'standard');
  select sum(bytes), sum(bytes) filter (where counted = 'tool_call') into v_stored, v_kept
  from stored where user_id = v_user;
  if v_stored > v_most then
    raise exception 'The plan allows no more to be stored'
      using errcode = 'MC003', detail = concat_ws(' ', v_stored, coalesce(v_kept, 0), v_most);
  end if;
end $$;

-- For tables whose rows take about as much each, which its argument says: triggers of modules.
create function stored_row() returns trigger
language plpgsql security definer as $$
declare
  v_bytes bigint := tg_argv[0]::bigint;
begin
  if tg_op operator(pg_catalog.=) 'DELETE'::text then
    perform stored_add(old.user_id, tg_table_name::text, operator(pg_catalog.-) v_bytes);
  else
    perform stored_add(new.user_id, tg_table_name::text, v_bytes);
  end if;
  return null;
end $$;

-- What a memory takes: its text, the same for the search, and what the index has of it. Measured in docs/design/database.md.
create function memory_size(p_memory memory) returns integer
language sql immutable as $$
  select 1024
    operator(pg_catalog.+) pg_catalog.octet_length(pg_catalog.concat(
      p_memory.title, p_memory.text, pg_catalog.array_to_string(p_memory.tags, ''), p_memory.search_text))
    operator(pg_catalog.+) (24 operator(pg_catalog.*) pg_catalog.cardinality(p_memory.terms))
$$;

create function memory_stored() returns trigger
language plpgsql security definer as $$
declare
  v_came integer := 0;
  v_gone integer := 0;
begin
  if tg_op operator(pg_catalog.<>) 'DELETE'::text then
    v_came := memory_size(new);
  end if;
  if tg_op operator(pg_catalog.<>) 'INSERT'::text then
    v_gone := memory_size(old);
  end if;
  perform stored_add(coalesce(new.user_id, old.user_id), 'memory', (v_came operator(pg_catalog.-) v_gone)::bigint);
  return null;
end $$;

-- What the ledger keeps of a call: its result, and 512 bytes for all else.
create function tool_call_stored() returns trigger
language plpgsql security definer as $$
declare
  v_came integer := 512 operator(pg_catalog.+) coalesce(pg_catalog.octet_length(new.result), 0);
begin
  if tg_op operator(pg_catalog.=) 'UPDATE'::text then
    v_came := v_came operator(pg_catalog.-) 512 operator(pg_catalog.-) coalesce(pg_catalog.octet_length(old.result), 0);
  end if;
  perform stored_add(new.user_id, 'tool_call', v_came::bigint);
  return null;
end $$;

-- Calls are forgotten by the hundred.
create function tool_call_forgotten() returns trigger
language plpgsql security definer as $$
declare
  v_of record;
begin
  for v_of in
    select user_id, pg_catalog.sum(512 operator(pg_catalog.+) coalesce(pg_catalog.octet_length(result), 0)) as bytes
    from gone group by user_id
  loop
    perform stored_add(v_of.user_id, 'tool_call', operator(pg_catalog.-) v_of.bytes);
  end loop;
  return null;
end $$;

create function stored_forget() returns trigger
language plpgsql security definer as $$
begin
  delete from stored where counted operator(pg_catalog.=) tg_table_name::text;
  return null;
end $$;

create trigger memory_stored after insert or update or delete on memory
  for each row execute function memory_stored();
create trigger memory_none_stored after truncate on memory
  for each statement execute function stored_forget();
create trigger tool_call_stored after insert or update of result on tool_call
  for each row execute function tool_call_stored();
create trigger tool_call_forgotten after delete on tool_call referencing old table as gone
  for each statement execute function tool_call_forgotten();
create trigger tool_call_none_stored after truncate on tool_call
  for each statement execute function stored_forget();

-- What was stored before. The triggers hold the locks that keep anything from being stored meanwhile.
insert into stored (user_id, counted, bytes)
  select user_id, 'memory', sum(memory_size(memory)) from memory group by user_id;
insert into stored (user_id, counted, bytes)
  select user_id, 'tool_call', sum(512 + coalesce(octet_length(result), 0))
  from tool_call group by user_id;

do $$
declare
  v_function regprocedure;
  v_role text;
begin
  for v_function in
    select oid::regprocedure from pg_proc
    where pronamespace = current_schema()::regnamespace
      and proname in ('stored_growth', 'stored_add', 'stored_check', 'stored_row', 'stored_forget', 'memory_size', 'memory_stored', 'tool_call_stored', 'tool_call_forgotten')
  loop
    if v_function::regproc not in ('stored_growth'::regproc, 'memory_size'::regproc) then
      execute format('alter function %s set search_path = pg_catalog, %I, pg_temp', v_function, current_schema());
    end if;
    execute format('revoke all on function %s from public', v_function);
    for v_role in select rolname from pg_roles where rolname in ('anon', 'authenticated') loop
      execute format('revoke all on function %s from %I', v_function, v_role);
    end loop;
  end loop;
end $$;
grant execute on function stored_growth, stored_check to mcpist_origin;
