-- How memories are found: docs/design/database.md, Search. IndexKeys makes the keys: the number of a word is less than 1 << 24; with 1 << 24 more
-- it says that the word is in the title, with 2 << 24 in a tag or often in the text, with 3 << 24 that a memory of the sample has it; that of no
-- word stands for all memories, of which with 4 << 24 every 4,096th has it. A tag has one more for those of the sample. Marks are below 0.

-- Whether keys, which are in ascending order, have this one.
create or replace function memory_has(p_keys integer[], p_key integer) returns boolean
language sql immutable as $$ select p_keys[width_bucket(p_key, p_keys)] = p_key $$;

-- How much it says that a memory has a word, of so many that have it among all: as BM25's.
create or replace function memory_rarity(p_all float8, p_many float8) returns float8
language sql immutable as $$ select ln(1 + greatest(0, p_all - p_many + 0.5) / (p_many + 0.5)) $$;

-- How much a word counts where it is in the title, in a tag, or often in the text.
create or replace function memory_standing(p_keys integer[], p_word integer) returns float8
language sql immutable as $$
  select 1 + case when ${schema}.memory_has(p_keys, p_word + (1 << 24)) then 1.5 else 0 end
    + case when ${schema}.memory_has(p_keys, p_word + (2 << 24)) then 0.6 else 0 end
$$;

-- Of two memories with the same words the shorter one comes first, and the one that was changed later.
create or replace function memory_rank(p_score float8, p_keys integer[], p_updated_at timestamptz) returns float8
language sql stable as $$
  select p_score / (3 + ln(cardinality(p_keys))) * (1 + 0.1 / (1 + extract(epoch from now() - p_updated_at)::float8 / 2592000))
$$;

-- A user's memories that have all of these keys, in no order. To be used with a LIMIT, and by what runs as the owner: behind row-level security
-- no index may be asked with an operator that is not leakproof, and that of arrays is not. OFFSET 0 keeps the user out of the choice of index.
-- Its arguments may not contain a SELECT: only then it becomes a part of the statement, and reads no more than the LIMIT.
create or replace function memory_keyed(p_user text, p_keys integer[])
returns table (id uuid, keys integer[], updated_at timestamptz)
language sql stable as $$
  select id, keys, updated_at
  from (select * from ${schema}.memory where keys @> p_keys offset 0) as found
  where user_id = p_user
$$;

-- The memories of this transaction's user that match best, and which units of the query were found in any. The arrays have an element for each
-- alternative of a unit: whether it is the user's own word, its weight, and its keys as an array's literal. Of a unit's alternatives the best
-- counts. p_every is the key of no word.
--
-- No step looks at more than p_each rows. A word that is in more memories than that is wide: then memories are taken where it stands out, those
-- of the sample, the newest, and those with all words. One that is not the user's own is left out then. No list is read that is longer than
-- about 64 times p_each: then the sample is full.
create or replace function memory_find(
  p_units integer[], p_own boolean[], p_weights real[], p_keys text[], p_tags integer[], p_every integer, p_newest boolean,
  p_each integer, p_most integer)
returns table (id uuid, found integer[])
language plpgsql stable security definer rows 10
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_generic_plan set enable_sort = off as $$
#variable_conflict use_column
declare
  v_user text := ${schema}.mcpist_user();
  v_all float8 := (select count(*) from (select from ${schema}.memory where user_id = v_user limit p_each) as any_of_them);
  v_wide boolean;
  v_ids uuid[];
  v_units integer[];
begin
  if v_all = p_each then
    v_all := 4096 * (
      select count(*) from (select from ${schema}.memory_keyed(v_user, array[p_every + (4 << 24)]) limit 50) as sample);
    if v_all < 8 * 4096 then
      v_all := greatest(p_each, v_all, 64 * (
        select count(*) from (select from ${schema}.memory_keyed(v_user, array[p_every + (3 << 24)]) limit p_each) as sample));
    end if;
  end if;
  -- Mostly no own word is wide, and each list is complete.
  with asked as materialized (
    select n, unit, own, weight, keys::integer[] as keys, (select array_agg(key + (3 << 24)) from unnest(keys::integer[]) as key) as sample
    from unnest(p_units, p_own, p_weights, p_keys) with ordinality as asked (unit, own, weight, keys, n)),
  word as materialized (
    select asked.*, v_all >= 64 * p_each and (
      select count(*) = p_each from (select from ${schema}.memory_keyed(v_user, asked.sample || p_tags) limit p_each) as sampled) as common
    from asked),
  listed as materialized (
    select unit, own, weight, case when cardinality(word.keys) = 1 then word.keys[1] end as key, got.*, count(*) over (partition by n) as many
    from word cross join lateral (select * from ${schema}.memory_keyed(v_user, word.keys || p_tags) limit p_each) as got
    where not common),
  wide as materialized (
    select exists (select from word where own and common) or exists (select from listed where own and many = p_each) as any_word),
  matched as materialized (
    select id, unit, bool_or(own) as own, any_value(keys) as keys, any_value(updated_at) as updated_at,
      max(weight * ${schema}.memory_rarity(v_all, many) * ${schema}.memory_standing(keys, key)) as score
    from listed where own or many < p_each group by id, unit),
  found as materialized (select array_agg(distinct unit) as units from matched where own),
  best as (
    select id, count(*) filter (where own) = (select count(distinct unit) from word where own) as everything,
      case when not p_newest then ${schema}.memory_rank(sum(score), any_value(keys), any_value(updated_at)) end as rank
    from matched group by id order by everything desc, rank desc, id desc limit p_most)
  select (select any_word from wide),
    array_agg(id order by everything desc, rank desc, id desc), (select units from found)
  into v_wide, v_ids, v_units from best;
  if not v_wide then
    return query select one, v_units from unnest(v_ids) as one;
    return;
  end if;
  return query
  with word as materialized (
    select n, unit, own, weight, keys::integer[] as keys,
      case when strpos(keys, ',') = 0 then (keys::integer[])[1] end as key,
      (select array_agg(key + (3 << 24)) from unnest(keys::integer[]) as key) as sample
    from unnest(p_units, p_own, p_weights, p_keys) with ordinality as word (unit, own, weight, keys, n)),
  sampled as materialized (
    select n, got.* from word cross join lateral (
      select * from ${schema}.memory_keyed(v_user, word.sample || p_tags) limit p_each) as got),
  common as materialized (select n from sampled group by n having count(*) = p_each),
  listed as materialized (
    select n, got.* from word cross join lateral (
      select * from ${schema}.memory_keyed(v_user, word.keys || p_tags) limit p_each) as got
    where n not in (select n from common)),
  wide as materialized (
    select word.*, n in (select n from common) as common from word
    where own and n in (select n from common union all select n from listed group by n having count(*) = p_each)),
  newest as materialized (
    select id, keys, updated_at from ${schema}.memory where user_id = v_user
    order by id desc limit case when p_newest then 10 else 1 end * p_each),
  counted as materialized (
    select n, count(*)::float8 as many from listed group by n having count(*) < p_each
    union all
    select n, case when common then greatest(64 * p_each, v_all * (
        select count(*) filter (where keys @> wide.keys) / count(*)::float8 from newest))
      else greatest(p_each, 64 * (select count(*) from sampled where sampled.n = wide.n)) end
    from wide),
  -- The keys of all own words, if each of them is wide: else all that have them are listed.
  together as materialized (
    select case when bool_and(common) then array_agg(sample[1]) else array_agg(keys[1]) end as keys
    from (select distinct on (unit) * from wide order by unit, n) as first
    having count(*) = (select count(distinct unit) from word where own) and count(*) > 1),
  -- Where a common word stands out too often, the sample has enough of these.
  standing as materialized (
    select standing.key from wide join counted using (n)
    cross join unnest(array[wide.key + (1 << 24), wide.key + (2 << 24)]) as standing (key)
    where wide.key is not null and (not common or many * (
      select count(*) filter (where ${schema}.memory_has(keys, standing.key)) from sampled where sampled.n = wide.n) < 64 * p_each * p_each)),
  candidate as materialized (
    select id, any_value(keys) as keys, any_value(updated_at) as updated_at from (
      select id, keys, updated_at from listed
      union all select id, keys, updated_at from sampled
      union all select id, keys, updated_at from newest where p_tags = '{}' or keys @> p_tags
      union all select got.* from together cross join lateral (
        select * from ${schema}.memory_keyed(v_user, together.keys || p_tags) limit p_each) as got
      union all select got.* from standing cross join lateral (
        select * from ${schema}.memory_keyed(v_user, standing.key || p_tags) limit p_each / 2) as got) as candidates
    group by id),
  hit as materialized (
    select n, id from listed
    union select n, id from sampled
    union select n, id from wide join candidate on ${schema}.memory_has(candidate.keys, key)),
  matched as materialized (
    select id, unit, bool_or(own) as own,
      max(weight * ${schema}.memory_rarity(v_all, many) * ${schema}.memory_standing(candidate.keys, key)) as score
    from hit join word using (n) join counted using (n) join candidate using (id)
    group by id, unit),
  found as materialized (select array_agg(distinct unit) as units from matched where own),
  best as (
    select id, count(*) filter (where own) = (select count(distinct unit) from word where own) as everything, sum(score) as score
    from matched group by id)
  select id, (select units from found)
  from best join candidate using (id)
  order by everything desc, case when not p_newest then ${schema}.memory_rank(score, keys, updated_at) end desc, id desc
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
      select count(*) from (select from ${schema}.memory_keyed(v_user, array[p_tags[1] + (1 << 24)]) limit 100) as sample) < 100 then
    return query
    select id from ${schema}.memory_keyed(v_user, p_tags)
    where p_before is null or id < p_before order by id desc limit p_most;
  else
    return query
    select id from ${schema}.memory
    where user_id = v_user and id < coalesce(p_before, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
      and (keys @> p_tags) is true -- Which no index of the keys serves: it would sort all of them.
    order by id desc limit p_most;
  end if;
end $$;

-- The memory of this transaction's user that is most like the one of these keys: of the same title, or with at least 0.8 of all words of both
-- in both. p_marks are the keys that it shares with one like it, that of the title first.
create or replace function memory_similar(p_id uuid, p_keys integer[], p_marks integer[]) returns table (id uuid)
language plpgsql stable security definer rows 1 set search_path = pg_catalog, pg_temp set plan_cache_mode = force_generic_plan as $$
#variable_conflict use_column
declare
  v_user text := ${schema}.mcpist_user();
  v_words integer[] := p_keys[width_bucket(-1, p_keys) + 1 : width_bucket((1 << 24) - 1, p_keys)];
begin
  return query
  select got.id
  from (
    select marked.id, keys from (select * from ${schema}.memory where keys && p_marks offset 0) as marked
    where user_id = v_user and marked.id <> p_id limit 20) as got
  cross join lateral (select keys[width_bucket(-1, keys) + 1 : width_bucket((1 << 24) - 1, keys)] as words) as of_it
  cross join lateral (
    select count(*)::float8 as common from unnest(words) as word where ${schema}.memory_has(v_words, word)) as counted
  cross join lateral (select common / nullif(cardinality(words) + cardinality(v_words) - common, 0) as alike) as compared
  where alike >= 0.8 or p_marks[1] = any(keys)
  order by alike desc nulls last, got.id desc
  limit 1;
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

revoke all on function memory_has, memory_rarity, memory_standing, memory_rank, memory_keyed, memory_find, memory_list, memory_similar,
  memory_outdated from ${everyone};
grant execute on function memory_find, memory_list, memory_similar, memory_outdated to mcpist_origin;

-- Deletes what memories were before changes of 30 days ago, whosever they are; says how much. Passes over what another origin is deleting.
create or replace function memory_clean(p_most integer) returns integer
language sql security definer set search_path = pg_catalog, pg_temp as $$
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
