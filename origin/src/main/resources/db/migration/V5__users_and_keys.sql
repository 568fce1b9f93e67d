insert into schema_compatibility values (5, 5);

-- API keys, of which only the digest is known here. docs/design/processes.md says what a key is.
create table api_key (
  id uuid primary key,
  -- SHA-256 of the whole key.
  digest bytea not null unique check (octet_length(digest) = 32),
  name text not null,
  -- Who its holder is.
  user_id text not null,
  created_at timestamptz not null,
  expires_at timestamptz,
  revoked_at timestamptz
);
create unique index api_key_name on api_key (name) where revoked_at is null;
create index api_key_created_at on api_key (created_at desc, id desc);

-- How much its users may call an origin, and store.
create table plan (
  name text primary key,
  calls_per_minute integer not null check (calls_per_minute > 0),
  calls_at_once integer not null check (calls_at_once > 0),
  storage_mib integer not null default 100 check (storage_mib > 0)
);
insert into plan values ('standard', 300, 50);

-- Users whose plan is not the standard one.
create table account (
  user_id text primary key,
  plan text not null references plan
);

alter table api_key enable row level security;
alter table plan enable row level security;
alter table account enable row level security;
grant select, insert, update on api_key, plan, account to mcpist_origin;

-- Who asks by a digest sees its row; all of them are seen, and written, in a transaction of those who administer.
create policy of_digest on api_key for select to mcpist_origin
  using (digest = (select decode(nullif(current_setting('mcpist.key_digest', true), ''), 'hex')));
create policy of_origins on plan for select to mcpist_origin using (true);
create policy of_user on account for select to mcpist_origin
  using (user_id = (select nullif(current_setting('mcpist.user_id', true), '')));
create policy of_admin on api_key to mcpist_origin using ((select current_setting('mcpist.admin', true) = 'on'));
create policy of_admin on plan to mcpist_origin using ((select current_setting('mcpist.admin', true) = 'on'));
create policy of_admin on account to mcpist_origin using ((select current_setting('mcpist.admin', true) = 'on'));
