insert into schema_compatibility values (3, 3);

create table memory (
  -- UUIDv7: in the order in which memories were saved.
  id uuid not null,
  user_id text not null,
  title text not null,
  text text not null,
  tags text[] not null,
  -- The numbers by which the index finds it, as IndexKeys makes them: ascending, each once. They stay in the row, since a search reads them
  -- more often than the text.
  keys integer[] storage main not null,
  -- By which it is found when one like it is saved, as IndexKeys makes them.
  marks integer[] not null,
  -- Which version of the analyser has made the keys and the marks.
  analysis smallint not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  -- What the row takes, about, with its part of the indexes. Measured in docs/design/database.md.
  bytes bigint not null generated always as (
    1024 + octet_length(text) + 2 * octet_length(title) + 24 * (cardinality(keys) + cardinality(marks))) stored,
  -- The only index in which a user's memories have an order, so that no plan goes through those of all users.
  primary key (user_id, id)
)
-- What was refused, or is rewritten, leaves dead rows of up to 20,000 characters, whose room is used again sooner so.
with (autovacuum_vacuum_scale_factor = 0.02, toast.autovacuum_vacuum_scale_factor = 0.02);
create index memory_analysis on memory (analysis);
-- Of the keys alone: then no plan but one by this index can find them, whatever the statistics say. Its pending list
-- (kB) takes the keys of some 60 memories, which are then inserted together: a third of the time and of the WAL. It is short, since each scan reads it.
create index memory_keys on memory using gin (keys) with (fastupdate = on, gin_pending_list_limit = 64);
-- Read by each save. Hardly two memories share a mark, so that a pending list would save nothing.
create index memory_marks on memory using gin (marks) with (fastupdate = off);

alter table memory enable row level security;
create policy of_user on memory to mcpist_origin using (user_id = (select mcpist_user()));
grant select, insert, update, delete on memory to mcpist_origin;

-- What a search knows of a word: memory_find.
create type memory_word as (
  unit integer,
  own boolean,
  -- How much it counts: its weight, and its rarity.
  worth float8,
  keys integer[],
  -- How many memories have it, about.
  many float8,
  -- Where rows of some of them are, of all if it is not wide.
  places tid[],
  wide boolean,
  -- Whether its list is too long to be read.
  common boolean
);

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
