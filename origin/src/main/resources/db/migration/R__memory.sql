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
