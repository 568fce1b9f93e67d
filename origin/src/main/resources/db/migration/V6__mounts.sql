insert into schema_compatibility values (6, 5);

-- What mounted servers list, and what of it was approved: the same for all origins. docs/operations/mounts.md
create table mount (
  name text primary key,
  -- As the server of the origin that looked last said it, in JSON, with the order of its properties.
  seen text not null default '{}',
  -- Definitions of tools by name, as they were approved.
  approved text not null default '{}',
  -- Grows with each change, so that origins read what is new.
  version bigint not null default 0,
  -- When it was in an origin's file last, within an hour.
  used_at timestamptz not null default clock_timestamp()
);

alter table mount enable row level security;
create policy of_origins on mount to mcpist_origin using (true);
grant select, insert, update, delete on mount to mcpist_origin;
