-- How memories are found: docs/design/database.md, Search.

-- A user's memories that have all of these keys, in no order. To be used with a LIMIT, and by what runs as the owner: behind row-level security
-- no index may be asked with an operator that is not leakproof, and that of arrays is not. OFFSET 0 keeps the user out of the choice of index.
create or replace function memory_keyed(p_user text, p_keys integer[])
returns table (id uuid, keys integer[], updated_at timestamptz)
language sql stable as $$
  select id, keys, updated_at
  from (select * from ${schema}.memory where keys @> p_keys offset 0) as found
  where user_id = p_user
$$;

-- How many memories this user has: exactly up to 200, above that by the share of them that is in the sample.
create or replace function memory_count(p_user text, p_sample integer, p_small_sample integer) returns float8
language plpgsql stable set search_path = pg_catalog, pg_temp as $$
declare
  v_count integer := (select count(*) from (select from ${schema}.memory where user_id = p_user limit 200) as newest);
begin
  if v_count = 200 then
    v_count := greatest(200, 64 * (select count(*) from (
      select from ${schema}.memory_keyed(p_user, array[p_sample]) limit 200) as sample));
  end if;
  if v_count = 64 * 200 then
    v_count := greatest(64 * 200, 4096 * (select count(*) from (
      select from ${schema}.memory_keyed(p_user, array[p_small_sample]) limit 1000) as sample));
  end if;
  return v_count;
end $$;

-- The memories of this transaction's user that match best, and which units of the query were found in any. The arrays have an element for each
-- alternative of a unit: its keys, and those of the sample, as array literals; the keys that a memory has where the word is in its title, or
-- in a tag or often in the text; its weight, and whether it is the user's own word. Of what is asked for with its synonyms, the best counts.
--
-- No step looks at more than p_each rows. A word that is in more memories than that is wide: then memories are taken where it stands out, those
-- of the sample, the newest, and those with all words. Where a word is in so many memories that its sample is full, its list is not read at all.
create or replace function memory_find(
  p_units integer[], p_own boolean[], p_weights real[], p_keys text[], p_samples text[], p_titles integer[], p_strong integer[],
  p_tags integer[], p_sample integer, p_small_sample integer, p_newest boolean, p_each integer, p_most integer)
returns table (id uuid, found integer[])
language plpgsql stable security definer rows 10
set search_path = pg_catalog, pg_temp set enable_seqscan = off set jit = off set plan_cache_mode = force_generic_plan as $$
#variable_conflict use_column
declare
  v_user text := ${schema}.mcpist_user();
  v_all float8 := ${schema}.memory_count(v_user, p_sample, p_small_sample);
begin
  return query
  with word as materialized (
    select n, unit, own, weight, title, strong, keys::integer[] as keys, sample::integer[] as sample
    from unnest(p_units, p_own, p_weights, p_keys, p_samples, p_titles, p_strong) with ordinality
      as word (unit, own, weight, keys, sample, title, strong, n)),
  sampled as materialized (
    select n, got.* from word cross join lateral (
      select * from ${schema}.memory_keyed(v_user, word.sample || p_tags) limit p_each) as got),
  common as materialized (select n from sampled group by n having count(*) = p_each),
  listed as materialized (
    select n, got.* from word cross join lateral (
      select * from ${schema}.memory_keyed(v_user, word.keys || p_tags) limit p_each) as got
    where n not in (select n from common)),
  wide as materialized (
    select word.*, keys[1] as key, n in (select n from common) as common from word
    where n in (select n from common union all select n from listed group by n having count(*) = p_each)),
  -- The keys of all own words, if each of them is wide: else all that have them are listed.
  together as materialized (
    select case when bool_and(common) then array_agg(sample[1]) else array_agg(key) end as keys
    from (select distinct on (unit) * from wide where own order by unit, n) as first
    having count(distinct unit) = (select count(distinct unit) from word where own) and count(distinct unit) > 1),
  newest as materialized (
    select got.* from (select) as once cross join lateral (
      select id, keys, updated_at from ${schema}.memory where user_id = v_user order by id desc
      limit case when p_newest then 10 else 1 end * p_each) as got
    where exists (select from wide)),
  candidate as materialized (
    select id, any_value(keys) as keys, any_value(updated_at) as updated_at from (
      select id, keys, updated_at from listed
      union all select id, keys, updated_at from sampled
      union all select id, keys, updated_at from newest where keys @> p_tags
      union all select got.* from together cross join lateral (
        select * from ${schema}.memory_keyed(v_user, together.keys || p_tags) limit p_each) as got
      union all select got.* from wide cross join unnest(array[title, strong]) as standing cross join lateral (
        select * from ${schema}.memory_keyed(v_user, standing || p_tags) limit p_each) as got where own) as candidates
    group by id),
  hit as materialized (
    select n, id from listed
    union select n, id from sampled
    union select n, id from wide join candidate on candidate.keys[width_bucket(key, candidate.keys)] = key where cardinality(wide.keys) = 1),
  rare as materialized (
    select word.*, ln(1 + greatest(0, v_all - many + 0.5) / (many + 0.5)) as idf
    from word cross join lateral (
      select case
        when n in (select n from common) then greatest(64 * p_each, v_all * (
          select count(*) filter (where keys @> word.keys) / count(*)::float8 from newest))
        when n in (select n from wide) then greatest(p_each, 64 * (select count(*) from sampled where sampled.n = word.n))
        else (select count(*) from listed where listed.n = word.n) end as many) as counted
    where n in (select n from hit)),
  matched as materialized (
    select hit.id, unit, bool_or(own) as own, max(weight * idf * (1
      + case when candidate.keys[width_bucket(title, candidate.keys)] = title then 1.5 else 0 end
      + case when candidate.keys[width_bucket(strong, candidate.keys)] = strong then 0.6 else 0 end)) as score
    from hit join rare using (n) join candidate on candidate.id = hit.id
    group by hit.id, unit),
  found as materialized (select array_agg(distinct unit) as units from matched where own),
  best as (
    select id, count(*) filter (where own) = cardinality((select units from found)) as everything, sum(score) as score
    from matched group by id)
  select best.id, (select units from found)
  from best join candidate using (id)
  order by everything desc,
    case when p_newest then null else
      score / (3 + ln(cardinality(keys))) * (1 + 0.1 / (1 + extract(epoch from now() - updated_at)::float8 / 2592000)) end desc,
    id desc
  limit p_most;
end $$;

-- The memories of this transaction's user that have all of these tags, the newest first, those before p_before where that is given. Where the
-- sample of the first tag is full, every so many memories have it, and reading these in their order finds them soon.
create or replace function memory_tagged(p_tags integer[], p_sample integer, p_before uuid, p_most integer) returns table (id uuid)
language plpgsql stable security definer rows 50
set search_path = pg_catalog, pg_temp set enable_seqscan = off set jit = off set plan_cache_mode = force_generic_plan as $$
#variable_conflict use_column
declare
  v_user text := ${schema}.mcpist_user();
begin
  if (select count(*) from (select from ${schema}.memory_keyed(v_user, array[p_sample]) limit 100) as sample) < 100 then
    return query
    select id from ${schema}.memory_keyed(v_user, p_tags)
    where p_before is null or id < p_before order by id desc limit p_most;
  else
    return query
    select id from ${schema}.memory
    where user_id = v_user and id < coalesce(p_before, 'ffffffff-ffff-ffff-ffff-ffffffffffff') and keys @> p_tags
    order by id desc limit p_most;
  end if;
end $$;

-- The memory of this transaction's user that is most like the one of these keys: of the same title, or with at least 0.8 of all words of both
-- in both. p_marks are the keys that it shares with one like it, that of the title first. The keys of words are those from 0 to 16777215.
create or replace function memory_similar(p_id uuid, p_keys integer[], p_marks integer[]) returns table (id uuid)
language plpgsql stable security definer rows 1
set search_path = pg_catalog, pg_temp set enable_seqscan = off set jit = off set plan_cache_mode = force_generic_plan as $$
#variable_conflict use_column
declare
  v_user text := ${schema}.mcpist_user();
  v_words integer[] := p_keys[width_bucket(-1, p_keys) + 1 : width_bucket(16777215, p_keys)];
begin
  return query
  select got.id
  from (
    select marked.id, keys from (select * from ${schema}.memory where keys && p_marks offset 0) as marked
    where user_id = v_user and marked.id <> p_id limit 20) as got
  cross join lateral (select keys[width_bucket(-1, keys) + 1 : width_bucket(16777215, keys)] as words) as of_it
  cross join lateral (
    select count(*)::float8 as common from unnest(words) as word where v_words[width_bucket(word, v_words)] = word) as counted
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

revoke all on function memory_keyed, memory_count, memory_find, memory_tagged, memory_similar, memory_outdated from ${everyone};
grant execute on function memory_find, memory_tagged, memory_similar, memory_outdated to mcpist_origin;
