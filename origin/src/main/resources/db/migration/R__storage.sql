-- Counts what each user has stored, and compares it with the plan: docs/design/database.md

-- By how many bytes this transaction has made what is stored larger so far: mcpist.kept has what the ledger keeps, mcpist.stored all else.
-- Without a search path of its own it costs nothing to ask: its names are resolved here, once.
create or replace function stored_growth(p_setting text) returns bigint
language sql stable return coalesce(nullif(pg_catalog.current_setting(p_setting, true), ''), '0')::bigint;

-- Counts for a trigger, which runs as the owner. Rows that nobody has locked become one, and none where nothing is left.
create or replace function stored_add(p_user text, p_counted text, p_bytes bigint) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  v_setting text := case when p_counted = 'tool_call' then 'mcpist.kept' else 'mcpist.stored' end;
  v_free bigint[];
  v_bytes bigint;
begin
  perform set_config(v_setting, (${schema}.stored_growth(v_setting) + p_bytes)::text, true);
  select array_agg(free.id), (sum(free.bytes) + p_bytes)::bigint into v_free, v_bytes
  from (
    select id, bytes from ${schema}.stored
    where user_id = p_user and counted = p_counted
    order by id for update skip locked) as free;
  if v_free is null then
    insert into ${schema}.stored (user_id, counted, bytes) values (p_user, p_counted, p_bytes);
    return;
  end if;
  if v_bytes <> 0 then
    update ${schema}.stored set bytes = v_bytes where id = v_free[1];
    v_free := v_free[2:];
  end if;
  if cardinality(v_free) > 0 then
    delete from ${schema}.stored where id = any(v_free);
  end if;
end $$;

-- The last statement of a transaction that stores something for its user. SQLSTATE MC003: it has made it more, and more than the plan
-- allows. The detail is then what there would be, how much of that the ledger keeps, and what may be, in bytes. A transaction which leaves
-- its user with no more than before is never refused, however much there is: a plan may have become smaller, and nobody may then be kept
-- from deleting. What frees something and still adds to the sum, since the ledger keeps a row of it, may go up to twice as far.
create or replace function stored_check() returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
  v_user text := ${schema}.mcpist_user();
  v_own bigint := ${schema}.stored_growth('mcpist.stored');
  v_most bigint;
  v_stored bigint;
  v_kept bigint;
begin
  if v_own + ${schema}.stored_growth('mcpist.kept') <= 0 then
    return;
  end if;
  select storage_mib * 1048576::bigint into v_most from ${schema}.plan
  where name = coalesce((select plan from ${schema}.account where user_id = v_user), 'standard');
  if not found then
    raise exception 'The standard plan is gone';
  end if;
  select sum(bytes), sum(bytes) filter (where counted = 'tool_call') into v_stored, v_kept
  from ${schema}.stored where user_id = v_user;
  if v_stored > v_most * (case when v_own < 0 then 2 else 1 end) then
    raise exception 'The plan allows no more to be stored'
      using errcode = 'MC003', detail = concat_ws(' ', v_stored, coalesce(v_kept, 0), v_most);
  end if;
end $$;

-- The trigger of every table whose rows count, by its column bytes. An update that changes no sum, as one that says that a claim lives,
-- writes nothing.
create or replace function stored_count() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  v_of record;
begin
  if tg_op = 'INSERT' then
    for v_of in select user_id, sum(bytes)::bigint as bytes from came group by user_id loop
      perform ${schema}.stored_add(v_of.user_id, tg_table_name, v_of.bytes);
    end loop;
  elsif tg_op = 'DELETE' then
    for v_of in select user_id, -sum(bytes)::bigint as bytes from gone group by user_id loop
      perform ${schema}.stored_add(v_of.user_id, tg_table_name, v_of.bytes);
    end loop;
  elsif tg_op = 'UPDATE' then
    for v_of in
      select user_id, sum(bytes)::bigint as bytes
      from (select user_id, bytes from came union all select user_id, -bytes from gone) as changed
      group by user_id having sum(bytes) <> 0
    loop
      perform ${schema}.stored_add(v_of.user_id, tg_table_name, v_of.bytes);
    end loop;
  else
    delete from ${schema}.stored where counted = tg_table_name;
  end if;
  return null;
end $$;

-- Lets a table's rows count: a table with the columns user_id and bytes.
create or replace function stored_triggers(p_table regclass) returns void
language plpgsql as $$
begin
  execute format(
    'create or replace trigger stored_insert after insert on %1$s referencing new table as came
       for each statement execute function stored_count();
     create or replace trigger stored_update after update on %1$s referencing old table as gone new table as came
       for each statement execute function stored_count();
     create or replace trigger stored_delete after delete on %1$s referencing old table as gone
       for each statement execute function stored_count();
     create or replace trigger stored_truncate after truncate on %1$s
       for each statement execute function stored_count()', p_table);
end $$;

-- Counts all anew: after rows were written past the triggers, say, as some ways to restore a backup do. Nothing is written meanwhile.
create or replace function stored_recount() returns void
language plpgsql as $$
declare
  v_table name;
begin
  for v_table in
    select relname from pg_class join pg_trigger on tgrelid = pg_class.oid
    where tgfoid = 'stored_count'::regproc and tgname = 'stored_insert' order by 1
  loop
    execute format('lock table %I in share row exclusive mode', v_table);
    delete from stored where counted = v_table;
    execute format('insert into stored (user_id, counted, bytes) select user_id, %1$L, sum(bytes) from %1$I group by user_id', v_table);
  end loop;
end $$;

revoke all on function stored_growth, stored_add, stored_check, stored_count, stored_triggers, stored_recount from ${everyone};
grant execute on function stored_growth, stored_check to mcpist_origin;
