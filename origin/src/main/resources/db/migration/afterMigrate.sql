-- Flyway's own table, which no migration can change, since Flyway reads it at the same time: closed like all others, and read by origins.
set local lock_timeout = '2s';
do $$
begin
  if not exists (select from pg_policy where polrelid = 'flyway_schema_history'::regclass) then
    alter table flyway_schema_history enable row level security;
    revoke all on flyway_schema_history from ${everyone};
    grant select on flyway_schema_history to mcpist_origin;
    create policy of_origins on flyway_schema_history for select to mcpist_origin using (true);
  end if;
end $$;
