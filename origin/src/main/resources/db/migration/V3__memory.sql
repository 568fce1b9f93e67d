insert into schema_compatibility values (3, 3);

create table memory (
  -- UUIDv7: in the order in which memories were saved.
  id uuid not null,
  user_id text not null,
  title text not null,
  text text not null,
  tags text[] not null,
  -- The title and the tags, and these with the text, as SearchText normalises them.
  search_head text not null,
  search_text text not null,
  -- What the index finds: the user, the tags, each character and each pair of neighbours.
  terms text[] not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  -- What the row takes, about; title and tags are about as long as search_head. Measured in docs/design/database.md.
  bytes bigint not null generated always as (
    1024 + octet_length(text) + octet_length(search_text) + 2 * octet_length(search_head) + 24 * cardinality(terms)) stored,
  primary key (user_id, id)
)
-- What was refused, or is rewritten, leaves dead rows of up to 20,000 characters, whose room is used again sooner so.
with (autovacuum_vacuum_scale_factor = 0.02, toast.autovacuum_vacuum_scale_factor = 0.02);

-- A GIN index keeps each key that it has ever had, and there are more pairs of characters than a database has room for. So it has a million
-- numbers for them, and what is found by one is looked at again. The index is made of this function, so it never changes.
create function memory_numbers(p_terms text[]) returns integer[]
language sql immutable parallel safe as $$
  select array(
    select distinct pg_catalog.hashtext(term) operator(pg_catalog.&) 1048575 from pg_catalog.unnest(p_terms) as term)
$$;
revoke all on function memory_numbers from ${everyone};
-- Who writes a row is who makes its keys.
grant execute on function memory_numbers to mcpist_origin;
create index memory_term_numbers on memory using gin (memory_numbers(terms));

alter table memory enable row level security;
create policy of_user on memory to mcpist_origin using (user_id = (select mcpist_user()));
grant select, insert, update, delete on memory to mcpist_origin;

-- What memories were before each update and deletion, for 30 days.
create table memory_history (
  -- UUIDv7: in the order in which they were changed.
  version uuid not null,
  user_id text not null,
  memory_id uuid not null,
  title text not null,
  text text not null,
  tags text[] not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  -- When it was changed, and whether by a deletion.
  changed_at timestamptz not null,
  deleted boolean not null,
  -- What the row takes, about.
  bytes bigint not null generated always as (
    512 + octet_length(title) + octet_length(text) + 40 * cardinality(tags)) stored,
  -- No index has versions in the order of all users, so that no plan goes through those of others.
  primary key (user_id, version)
);
create index memory_history_of_memory on memory_history (user_id, memory_id, version);
create index memory_history_changed_at on memory_history (changed_at);

alter table memory_history enable row level security;
create policy of_user on memory_history to mcpist_origin using (user_id = (select mcpist_user()));
grant select, insert, delete on memory_history to mcpist_origin;
