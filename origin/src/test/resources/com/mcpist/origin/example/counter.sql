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
create trigger counter_came after insert on counter referencing new table as came
  for each statement execute function stored_row('200');
create trigger counter_gone after delete on counter referencing old table as gone
  for each statement execute function stored_row('200');
create trigger counter_emptied after truncate on counter
  for each statement execute function stored_forget();
