create table counter (
  user_id text not null,
  name text not null,
  value integer not null,
  primary key (user_id, name)
);
alter table counter enable row level security;
create policy of_user on counter to mcpist_origin using (user_id = (select mcpist_user()));
grant select, insert, update, delete on counter to mcpist_origin;

-- What a row takes, about, counts for what its user may store.
create trigger counter_stored after insert or delete on counter
  for each row execute function stored_row('200');
create trigger counter_none_stored after truncate on counter
  for each statement execute function stored_forget();
