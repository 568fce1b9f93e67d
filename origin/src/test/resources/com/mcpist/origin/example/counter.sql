create table counter (
  user_id text not null,
  name text not null,
  value integer not null,
  primary key (user_id, name)
);
alter table counter enable row level security;
