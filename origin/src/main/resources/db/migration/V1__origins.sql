-- What all origins share: which releases can use this schema, the role that origins run as, and the user of a transaction.

-- Each versioned migration adds its row; docs/design/database.md says how to choose oldest_usable.
create table schema_compatibility (
  version integer not null,
  oldest_usable integer not null,
  -- Whose migration it is, as beforeEachMigrate.sql says: a module's, or the origin's own.
  module text not null default coalesce(nullif(current_setting('mcpist.module', true), ''), 'mcpist'),
  primary key (module, version)
);
insert into schema_compatibility values (1, 1);

-- What origins are members of. Roles are the cluster's, so another database may have it, or be making it in this moment.
do $$
begin
  if to_regrole('mcpist_origin') is null then
    create role mcpist_origin nologin nosuperuser nocreatedb nocreaterole noreplication nobypassrls;
  end if;
exception
  when duplicate_object or unique_violation then
    null;
  when insufficient_privilege then
    raise exception 'The role % may not make roles: run CREATE ROLE mcpist_origin NOLOGIN; GRANT mcpist_origin TO % WITH ADMIN OPTION; as an administrator of the database',
      quote_ident(current_user), quote_ident(current_user)
      using errcode = 'insufficient_privilege';
end $$;
grant usage on schema ${schema} to mcpist_origin;

-- The user that this transaction has named. Where it has named none, no row would look as if there were nothing, so it is an error, of class
-- 58: the system's fault and not the call's. Policies are made of it, so it is not in a repeatable migration. Each is written so that it becomes a
-- part of the statement: a policy is asked for each table of it.
create function mcpist_nobody() returns text
language plpgsql stable set search_path = pg_catalog, pg_temp as $$
begin
  raise exception 'This transaction has named no user' using errcode = '58M03';
end $$;
create function mcpist_user() returns text
language sql stable
return coalesce(nullif(pg_catalog.current_setting('mcpist.user_id', true), ''), ${schema}.mcpist_nobody());
revoke all on function mcpist_user, mcpist_nobody from ${everyone};
grant execute on function mcpist_user, mcpist_nobody to mcpist_origin;

-- What all origins seal with when a client carries a state from one round of a request to the next: one row, of the origin that looked first.
create table request_state_key (
  the_one boolean primary key default true check (the_one),
  key bytea not null check (octet_length(key) = 32)
);

-- Supabase serves what is in this schema to the world unless it is told not to: every table has row-level security.
alter table schema_compatibility enable row level security;
alter table request_state_key enable row level security;
create policy of_origins on schema_compatibility for select to mcpist_origin using (true);
create policy of_origins on request_state_key to mcpist_origin using (true);
grant select on schema_compatibility to mcpist_origin;
grant select, insert on request_state_key to mcpist_origin;
