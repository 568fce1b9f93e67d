-- How memories are found: docs/design/database.md, Search. IndexKeys makes the keys: the number of a word is less than 1 << 24; with 1 << 24 more
-- it says that the word is in the title, with 2 << 24 in a tag or often in the text, with 3 << 24 that a memory of the sample has it; that of no
-- word stands for all memories, of which with 4 << 24 every 4,096th has it. A tag has one more for those of the sample.

-- Whether keys, which are in ascending order, have this one.
create or replace function memory_has(p_keys integer[], p_key integer) returns boolean
language sql immutable as $$ select p_keys[width_bucket(p_key, p_keys)] = p_key $$;

-- Whether keys, which are in ascending order, have all of these: soon false where the first is missing, and at once true where that is all.
create or replace function memory_has_all(p_keys integer[], p_some integer[]) returns boolean
language sql immutable as $$
  select ${schema}.memory_has(p_keys, p_some[1]) and (cardinality(p_some) = 1 or p_keys @> p_some)
$$;

-- How much it says that a memory has a word, of so many that have it among all: as BM25's.
create or replace function memory_rarity(p_all float8, p_many float8) returns float8
language sql immutable as $$ select ln(1 + greatest(0, p_all - p_many + 0.5) / (p_many + 0.5)) $$;

-- How much a word counts where it is in the title, in a tag, or often in the text.
create or replace function memory_standing(p_keys integer[], p_word integer) returns float8
language sql immutable as $$
  select 1 + case when ${schema}.memory_has(p_keys, p_word + (1 << 24)) then 1.5::float8 else 0 end
    + case when ${schema}.memory_has(p_keys, p_word + (2 << 24)) then 0.6::float8 else 0 end
$$;

-- Of two memories with the same words the shorter one comes first, and the one that was changed later.
create or replace function memory_weight(p_keys integer[], p_updated_at timestamptz) returns float8
language sql stable as $$
  select (1 + 0.1 / (1 + date_part('epoch', now() - p_updated_at) / 2592000)) / (3 + ln(cardinality(p_keys)))
$$;

-- A user's memories that have all of these keys, in no order, with all their keys and where their rows are. To be used with a LIMIT, and by what
-- runs as the owner: behind row-level security no index may be asked with an operator that is not leakproof, and that of arrays is not. OFFSET 0 keeps the user out
-- of the choice of index. Its arguments may not contain a SELECT: only then it becomes a part of the statement, and reads no more than the LIMIT.
create or replace function memory_having(p_user text, p_keys integer[]) returns table (id uuid, place tid, keys integer[])
language sql stable as $$
  select id, place, keys
  from (select id, user_id, ctid as place, keys from ${schema}.memory where keys @> p_keys offset 0) as found
  where user_id = p_user
$$;

-- A user's newest memories. With a LIMIT it reads no more than that needs.
create or replace function memory_newest(p_user text, p_most integer) returns table (place tid, keys integer[])
language sql stable as $$
  select ctid, keys from ${schema}.memory where user_id = p_user order by id desc limit p_most
$$;

-- The memories of this transaction's user that match best, and which units of the query were found in any. The arrays have an element for each
-- alternative of a unit, called a word here: whether it is the user's own, its weight, and its keys as an array's literal. Of a unit's words the
-- best counts. p_every is the key of no word. docs/design/database.md has a drawing.
--
-- The steps hand on where rows are, which holds for as long as the snapshot, and that is one for all of a stable function.
create or replace function memory_find(
  p_units integer[], p_own boolean[], p_weights real[], p_keys text[], p_tags integer[], p_every integer, p_newest boolean,
  p_each integer, p_most integer)
returns table (id uuid, found integer[])
language plpgsql stable security definer rows 10
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_generic_plan set enable_sort = off as $$
#variable_conflict use_column
declare
  v_user text := ${schema}.mcpist_user();
  v_all float8;
  v_enough integer := case when cardinality(p_units) = 1 then p_each else greatest(8, p_most / cardinality(p_units) + 1) end;
  v_few tid[];
  v_words ${schema}.memory_word[];
  v_units integer;
  v_found integer[];
  v_all_found boolean;
  v_places tid[];
  v_more boolean;
  v_got tid[] := '{}';
  v_listed tid[] := '{}';
  v_wide integer[];
  v_likely boolean;
  v_depth integer;
  v_together integer[];
  v_together_in_sample integer[];
  v_common boolean;
  v_uneven boolean;
  v_complete boolean := false;
  v_often boolean;
  v_with_all integer := 0;
begin
  -- How many memories the user has: by the small sample, of which the few are; else by the sample, and the exact number where it is small.
  v_few := array(select place from ${schema}.memory_having(v_user, array[p_every + (4 << 24)]) limit 64);
  v_all := 4096 * cardinality(v_few);
  if cardinality(v_few) < 8 then
    v_all := (
      select case when n < p_each then n else greatest(n, v_all, 64 * (
        select count(*) from (select from ${schema}.memory_having(v_user, array[p_every + (3 << 24)]) limit p_each) as sample)) end
      from (select count(*) as n from (select from ${schema}.memory where user_id = v_user limit p_each) as any_of_them) as counted);
  end if;

  -- Step 1: each word's memories, p_each at most: then it is wide. No long list is read: of a word that 8 of the small sample have, none; of
  -- one that enough of the sample have, the sample's. A wide word is left out if it is not the user's own.
  with asked as materialized (
    select unit, own, weight, keys::integer[] as keys, keys::integer[] || p_tags as wanted,
      (select array_agg(key + (3 << 24)) from unnest(keys::integer[]) as key) || p_tags as wanted_in_sample
    from unnest(p_units, p_own, p_weights, p_keys) as asked (unit, own, weight, keys)),
  few as materialized (
    select ctid as place, keys from ${schema}.memory where ctid = any(v_few)),
  in_few as materialized (
    select *, array(select place from few where ${schema}.memory_has_all(few.keys, wanted)) as of_few from asked),
  in_sample as materialized (
    select *, case when cardinality(of_few) < 8 then array(
      select place from ${schema}.memory_having(v_user, wanted_in_sample) limit p_each) else of_few end as sampled
    from in_few),
  in_list as materialized (
    select *, case when cardinality(of_few) < 8 and cardinality(sampled) < v_enough then array(
      select place from ${schema}.memory_having(v_user, wanted) limit p_each) end as listed
    from in_sample),
  judged as materialized (
    select *, cardinality(of_few) >= 8 or cardinality(sampled) = p_each as common, listed is null or cardinality(listed) = p_each as wide from in_list),
  counted as materialized (
    select *, case when wide then greatest(p_each, 64 * cardinality(sampled), v_all * cardinality(of_few) / nullif(cardinality(v_few), 0))
      else cardinality(listed) end as many
    from judged where own or not wide),
  word as materialized (
    select unit, own, weight * ${schema}.memory_rarity(v_all, many) as worth, keys, many, listed || sampled as places, wide, common from counted)
  select
    array_agg((unit, own, worth, keys, many, places, wide, common)::${schema}.memory_word),
    array(select unnest(places) from word),
    count(distinct unit) filter (where own), array_agg(distinct unit) filter (where own and many > 0),
    count(*) filter (where own) = count(distinct unit) filter (where own and many > 0),
    bool_or(wide) and (p_newest
      or sum(worth) filter (where wide) > coalesce(max(worth) filter (where own and not wide and many >= p_most), -1)),
    case when p_newest or bool_or(wide and cardinality(places) < p_each and 16 * many >= v_all) then 16 else 1 end * p_each,
    p_newest or bool_or(wide and p_each * many >= v_all)
  into v_words, v_places, v_units, v_found, v_all_found, v_more, v_depth, v_likely from word;

  -- Step 2: more memories of wide words, unless these all weigh less than one word that enough memories have: then those come first anyway.
  if v_more then
    -- Those that have all words that there are, where each is wide: else they are in the list of one that is not. Of common words they are
    -- among the newest, if so many are likely there, or else in the sample. If one is rare beside another its list is read, as a whole if it is
    -- short: the index would read the long list too, at 1/190 of the time for each of it.
    if cardinality(v_found) > 1 then
      select array_agg(key order by many) || p_tags, array_agg(key + (3 << 24)) || p_tags, bool_and(common), max(many) > 128 * least(min(many), 8 * p_each),
        v_depth * exp(sum(ln(least(1, many / v_all)) / cardinality(keys))) >= 2 * p_most
      into v_together, v_together_in_sample, v_common, v_uneven, v_often
      from (
        select distinct on (unit) unit, keys, many, common from unnest(v_words) with ordinality
        where own and wide order by unit, ordinality) as first
      cross join unnest(keys) as key
      having count(distinct unit) = cardinality(v_found);
    end if;
    if v_together is not null then
      if p_newest or v_common and v_often then
        v_got := array(
          select place from ${schema}.memory_newest(v_user, v_depth) as newest
          where ${schema}.memory_has_all(keys, v_together) limit p_each);
        v_with_all := cardinality(v_got);
      end if;
      if not v_common and v_uneven then
        select coalesce((array_agg(place) filter (where ${schema}.memory_has_all(keys, v_together)))[: 4 * p_each], '{}'), count(*) < 8 * p_each
        into v_listed, v_complete
        from (select place, keys from ${schema}.memory_having(v_user, v_together[1:1] || p_tags) limit 8 * p_each) as listed;
      elsif not v_common or v_with_all < p_most then
        v_listed := array(
          select place from ${schema}.memory_having(v_user, case when v_common then v_together_in_sample else v_together end)
          limit case when v_common then p_each else 4 * p_each end);
        v_complete := not v_common;
      end if;
      v_with_all := greatest(v_with_all, cardinality(v_listed));
      -- What lacks a word comes after these, and if these are all that have all, no other comes before them.
      if v_all_found and v_with_all >= p_most then
        v_places := '{}';
        v_more := not v_complete or cardinality(v_listed) = 4 * p_each;
      end if;
      v_places := v_places || v_got || v_listed;
    end if;
    -- The newest that have any, unless those with all are enough, or hardly one is among so few.
    if v_with_all < p_most and v_likely then
      v_wide := array(select unnest(keys) from unnest(v_words) where wide);
      v_places := v_places || array(
        select place from ${schema}.memory_newest(v_user, v_depth) as newest
        where exists (select from unnest(v_wide) as key where ${schema}.memory_has(keys, key)) and (p_tags = '{}' or keys @> p_tags)
        limit p_each);
    end if;
    -- Those in which one stands out, unless they are many, or many have all words: then there are enough already.
    if v_more and (v_with_all < p_most or not v_common) then
      v_places := v_places || array(
        with seen as materialized (select keys from ${schema}.memory where ctid = any(v_places[1:32])),
        standing as materialized (
          select key + kind as key from unnest(v_words) cross join unnest(keys) as key cross join unnest(array[1 << 24, 2 << 24]) as kind
          where wide and cardinality(keys) = 1 and (
            many <= 64 * p_each
            or many * (1 + (select count(*) from seen where ${schema}.memory_has(seen.keys, key + kind)))
              <= 8 * p_each * (select count(*) from seen where ${schema}.memory_has(seen.keys, key))))
        select place from standing cross join lateral (
          select place from ${schema}.memory_having(v_user, standing.key || p_tags) limit least(p_each, p_most)) as got);
    end if;
  end if;

  -- Step 3: all are scored, and the best are the answer. LEFT keeps the memories on the outer side: on the inner one all would be copied for it.
  return query
  with word as materialized (
    select unit, own, worth, keys, case when cardinality(keys) = 1 then keys[1] end as key from unnest(v_words)),
  matched as (
    select id, unit, bool_or(own) as own, max(worth * ${schema}.memory_standing(candidate.keys, key) * weight) as score
    from (
      select id, keys, ${schema}.memory_weight(keys, updated_at) as weight from ${schema}.memory where ctid = any(v_places) offset 0) as candidate
    left join word on ${schema}.memory_has_all(candidate.keys, word.keys)
    group by id, unit
    having bool_or(own) is not null),
  best as (
    select id, count(*) filter (where own) = v_units as everything, sum(score) as score from matched group by id)
  select id, v_found
  from best
  order by everything desc, case when not p_newest then score end desc, id desc
  limit p_most;
end $$;

-- The memories of this transaction's user that have all of these tags, the newest first, those before p_before where that is given. Where the
-- sample of the first tag is full, or there is no tag, every so many memories are among them, and reading all in their order finds them soon.
create or replace function memory_list(p_tags integer[], p_before uuid, p_most integer) returns table (id uuid)
language plpgsql stable security definer rows 50
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_generic_plan set enable_sort = off as $$
#variable_conflict use_column
declare
  v_user text := ${schema}.mcpist_user();
begin
  if cardinality(p_tags) > 0 and (
      select count(*) from (select from ${schema}.memory_having(v_user, array[p_tags[1] + (1 << 24)]) limit 100) as sample) < 100 then
    return query
    select id from ${schema}.memory_having(v_user, p_tags)
    where p_before is null or id < p_before order by id desc limit p_most;
  else
    return query
    select id from ${schema}.memory
    where user_id = v_user and id < coalesce(p_before, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
      and (keys @> p_tags) is true -- Which no index of the keys serves: it would sort all of them.
    order by id desc limit p_most;
  end if;
end $$;

-- The memory of this transaction's user that is most like the one of these keys and marks, if there is one: of the same title, or with at least
-- 0.8 of all words of both in both. The first mark is that of the title. And the marks to store: without one that five others have, or each one
-- more of its like would make the next save read longer. p_alone: its call was sent with the result that there is none.
create or replace function memory_nearest(p_id uuid, p_keys integer[], p_marks integer[], p_alone boolean)
returns table (id uuid, marks integer[])
language plpgsql stable security definer rows 1 set search_path = pg_catalog, pg_temp set plan_cache_mode = force_generic_plan
set enable_seqscan = off set jit = off as $$
#variable_conflict use_column
declare
  v_user text := ${schema}.mcpist_user();
  v_marked tid[] := array(
    select place from (select ctid as place, user_id, id from ${schema}.memory where marks && p_marks offset 0) as any_user
    where user_id = v_user and id <> p_id limit 50);
  v_words integer[];
begin
  marks := p_marks;
  if v_marked = '{}' then
    return next;
    return;
  end if;
  v_words := p_keys[: width_bucket((1 << 24) - 1, p_keys)];
  with marked as materialized (
    select id, keys, marks from ${schema}.memory where ctid = any(v_marked)),
  alike as (
    select marked.id from marked
    cross join lateral (select keys[: width_bucket((1 << 24) - 1, keys)] as words) as of_it
    cross join lateral (
      select count(*)::float8 as common from unnest(words) as word where ${schema}.memory_has(v_words, word)) as counted
    cross join lateral (select common / nullif(cardinality(words) + cardinality(v_words) - common, 0) as likeness) as compared
    where likeness >= 0.8 or p_marks[1] = marks[1]
    order by likeness desc nulls last, marked.id desc
    limit 1)
  select (select alike.id from alike),
    array(select mark from unnest(p_marks) as mark where (select count(*) from marked where mark = any(marked.marks)) < 5)
  into memory_nearest.id, memory_nearest.marks;
  if p_alone and memory_nearest.id is not null then
    perform ${schema}.ledger_other_result();
  end if;
  return next;
end $$;

-- Whose memories have keys of an older analyser, and which; none while another origin is at it, until this transaction ends.
create or replace function memory_outdated(p_analysis integer, p_most integer) returns table (user_id text, id uuid)
language plpgsql security definer set search_path = pg_catalog, pg_temp set enable_seqscan = off set jit = off as $$
#variable_conflict use_column
begin
  if pg_try_advisory_xact_lock(hashtextextended('mcpist memory analysis', 0)) then
    return query
    select memory.user_id, memory.id from ${schema}.memory where analysis < p_analysis order by analysis limit p_most;
  end if;
end $$;

revoke all on function memory_has, memory_has_all, memory_rarity, memory_standing, memory_weight, memory_having, memory_newest, memory_find,
  memory_list, memory_nearest, memory_outdated from ${everyone};
grant execute on function memory_find, memory_list, memory_nearest, memory_outdated to mcpist_origin;

-- Empties the pending list of the index of keys, and deletes what memories were before changes of 30 days ago, whosever they are; says how much
-- it deleted. Passes over what another origin is deleting.
create or replace function memory_clean(p_most integer) returns integer
language sql security definer set search_path = pg_catalog, pg_temp as $$
  select gin_clean_pending_list('${schema}.memory_keys');
  with deleted as (
    delete from ${schema}.memory_history where ctid = any(array(
      select ctid from ${schema}.memory_history
      where changed_at < now() - interval '30 days'
      order by changed_at limit p_most for update skip locked))
    returning 1)
  select count(*)::integer from deleted
$$;
revoke all on function memory_clean from ${everyone};
grant execute on function memory_clean to mcpist_origin;
