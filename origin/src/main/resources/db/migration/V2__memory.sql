insert into schema_compatibility values (2, 2);

create table memory (
  -- UUIDv7: in the order in which memories were saved.
  id uuid primary key,
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
  updated_at timestamptz not null
);
create index memory_user_id on memory (user_id, id desc);
create index memory_terms on memory using gin (terms);

alter table memory enable row level security;
