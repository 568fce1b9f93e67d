-- Which memories of this transaction's user have all of these terms, by their numbers: beside them a few others, which lack a character or
-- a pair, and never one that lacks a tag. As the owner: behind row-level security no index may be asked with an operator that is not
-- leakproof, and that of arrays is not.
create or replace function memory_with_terms(p_terms text[]) returns setof uuid
language sql stable security definer rows 100 set search_path = pg_catalog, pg_temp as $$
  with asked as materialized (
    select array(select term from unnest(p_terms) as term where starts_with(term, 't:') and length(term) > 2) as tags)
  select id from ${schema}.memory, asked
  where user_id = ${schema}.mcpist_user()
    and ${schema}.memory_numbers(terms) @> ${schema}.memory_numbers(p_terms)
    and (cardinality(asked.tags) = 0 or terms @> asked.tags)
$$;
revoke all on function memory_with_terms from ${everyone};
grant execute on function memory_with_terms to mcpist_origin;

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
