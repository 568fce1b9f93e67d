insert into schema_compatibility values (4, 2);

-- What all origins seal with when a client carries a state from one round of a request to the next: one row, of the origin that looked first.
create table request_state_key (
  the_one boolean primary key default true check (the_one),
  key bytea not null check (octet_length(key) = 32)
);

alter table request_state_key enable row level security;
