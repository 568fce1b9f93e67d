-- Counts what each user has stored, and compares it with the plan: docs/design/database.md

-- The triggers of every table whose rows count, by its column bytes. A call inserts one row, for which a statement-level trigger costs
-- twice as much.
create or replace function stored_count_row() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  insert into ${schema}.stored values (new.user_id, tg_table_name, new.bytes);
  return null;
end $$;
create or replace function stored_count() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  insert into ${schema}.stored select user_id, tg_table_name, tg_argv[0]::integer * sum(bytes) from changed group by user_id;
  return null;
end $$;

-- Lets a table's rows count, those that there are and those to come: a table with the columns user_id and bytes. Nothing is written meanwhile.
create or replace function stored_triggers(p_table regclass) returns void
language plpgsql as $$
declare
  v_of record;
begin
  for v_of in select * from (values ('update', 'new', 1), ('update', 'old', -1), ('delete', 'old', -1)) as t (op, half, sign) loop
    execute format(
      'create or replace trigger stored_%1$s_%2$s after %1$s on %4$s referencing %2$s table as changed
         for each statement execute function stored_count(%3$L)', v_of.op, v_of.half, v_of.sign, p_table);
  end loop;
  execute format('create or replace trigger stored_insert_new after insert on %s for each row execute function stored_count_row()', p_table);
  lock table stored in share row exclusive mode;
  delete from stored_upto;
  insert into stored_upto values ('1:1:');
  delete from stored where counted = p_table::text;
  execute format('insert into stored select user_id, %1$L, sum(bytes), null from %1$s group by user_id', p_table);
end $$;

-- Of the conditions on xid below each has a statement of its own: with "or" between them, statistics of a table that was small make the whole
-- index be read.

-- Adds up what transactions have counted since the last time. Beginning where the last snapshot ended, it passes over no change that was
-- deleted before, however long somebody's open transaction keeps those. It does pass over old sums: while such a transaction is open, about one
-- more every second for each table and user who writes.
create or replace function stored_fold() returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp set enable_seqscan = off set jit = off as $$
declare
  v_upto pg_snapshot;
begin
  if not pg_try_advisory_xact_lock(hashtextextended('mcpist stored', 0)) then
    return; -- Another origin is at it.
  end if;
  -- A snapshot from the future is another cluster's, whose dump was restored.
  select case when pg_snapshot_xmax(upto) <= pg_snapshot_xmax(pg_current_snapshot()) then upto else '1:1:' end into v_upto
  from ${schema}.stored_upto;
  with later as (
    delete from ${schema}.stored where xid >= pg_snapshot_xmax(v_upto) returning *),
  open as (
    delete from ${schema}.stored where xid = any(array(select pg_snapshot_xip(v_upto))) returning *),
  changes as (
    table later union all table open),
  sums as (
    delete from ${schema}.stored where xid is null and user_id = any(array(select user_id from changes)) returning *),
  added as (
    insert into ${schema}.stored select user_id, counted, sum(bytes), null from (table changes union all table sums) as all_of_it
    group by user_id, counted having sum(bytes) <> 0)
  update ${schema}.stored_upto set upto = pg_current_snapshot() where exists (select from changes);
end $$;

-- The last statement of a transaction that stores something for its user. SQLSTATE MC003: it has made it more, and more than the plan
-- allows; the detail is what there would be, how much of that the ledger keeps, and what may be, in bytes. What leaves its user with no more
-- than before is never refused: a plan may have become smaller. What frees something but for the ledger's row of it may go twice as far.
create or replace function stored_check() returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp set enable_seqscan = off set jit = off as $$
declare
  v_user text := ${schema}.mcpist_user();
  v_upto pg_snapshot := (select upto from ${schema}.stored_upto);
  v_most bigint;
  v_stored bigint;
  v_kept bigint;
  v_grown bigint;
  v_grown_kept bigint;
begin
  select sum(bytes), sum(bytes) filter (where counted = 'tool_call'),
    sum(bytes) filter (where own), sum(bytes) filter (where own and counted = 'tool_call')
  into v_stored, v_kept, v_grown, v_grown_kept
  from (
      select counted, bytes, false as own from ${schema}.stored where user_id = v_user and xid is null
      union all
      select counted, bytes, xid = pg_current_xact_id() from ${schema}.stored where user_id = v_user and xid >= pg_snapshot_xmax(v_upto)
      union all
      select counted, bytes, xid = pg_current_xact_id() from ${schema}.stored where user_id = v_user and xid = any(array(select pg_snapshot_xip(v_upto)))) as changes;
  if v_grown > 0 then
    select storage_mib * 1048576::bigint into v_most from ${schema}.plan
    where name = coalesce((select plan from ${schema}.account where user_id = v_user), 'standard');
    if v_stored > v_most * (case when v_grown < coalesce(v_grown_kept, 0) then 2 else 1 end) then
      raise exception 'The plan allows no more to be stored'
        using errcode = 'MC003', detail = concat_ws(' ', v_stored, coalesce(v_kept, 0), v_most);
    end if;
  end if;
end $$;

revoke all on function stored_check, stored_fold, stored_count, stored_count_row, stored_triggers from ${everyone};
grant execute on function stored_check, stored_fold to mcpist_origin;
