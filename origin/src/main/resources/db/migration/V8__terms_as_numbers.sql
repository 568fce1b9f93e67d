insert into schema_compatibility values (8, 2);

-- An index of this kind keeps each key that it has ever had. There are more pairs of characters than a database has room for, so the
-- index has numbers for them, about a million at most; what is found by a number that is another pair's, too, is looked at again.
create function memory_numbers(p_terms text[]) returns integer[]
language sql immutable parallel safe as $$
  select array(
    select distinct pg_catalog.hashtext(term) operator(pg_catalog.&) 1048575 from pg_catalog.unnest(p_terms) as term)
$$;
do $$
declare
  v_role text;
begin
  revoke all on function memory_numbers from public;
  for v_role in select rolname from pg_roles where rolname in ('anon', 'authenticated') loop
    execute format('revoke all on function memory_numbers from %I', v_role);
  end loop;
end $$;

-- Who writes a row is who makes its keys.
grant execute on function memory_numbers to mcpist_origin;

create index memory_term_numbers on memory using gin (memory_numbers(terms));

-- As in V5, by numbers: beside the memories that have all of these terms a few others of this transaction's user, which lack a character
-- or a pair, and never one that lacks a tag.
create or replace function memory_with_terms(p_terms text[]) returns setof uuid
language sql stable security definer rows 100 as $$
  with asked as materialized (
    select array(
      select term from pg_catalog.unnest(p_terms) as term
      where pg_catalog.starts_with(term, 't:') and pg_catalog.length(term) operator(pg_catalog.>) 2) as tags)
  select id from memory, asked
  where user_id operator(pg_catalog.=) mcpist_user()
    and memory_numbers(terms) operator(pg_catalog.@>) memory_numbers(p_terms)
    and (pg_catalog.cardinality(asked.tags) operator(pg_catalog.=) 0 or terms operator(pg_catalog.@>) asked.tags)
$$;
-- Replaced, it has lost the search path that V5 gave it.
do $$
begin
  execute format('alter function memory_with_terms set search_path = pg_catalog, %I, pg_temp', current_schema());
end $$;
