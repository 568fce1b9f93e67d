insert into schema_compatibility values (1, 1);

create table counter (
  user_id text not null,
  name text not null,
  value integer not null,
  -- What a row takes, about, of what its user may store.
  bytes bigint not null generated always as (200) stored,
  primary key (user_id, name)
);
alter table counter enable row level security;
create policy of_user on counter to mcpist_origin using (user_id = (select mcpist_user()));
grant select, insert, update, delete on counter to mcpist_origin;
select stored_triggers('counter');
