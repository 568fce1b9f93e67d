-- Flyway's own table, which no migration can change, since Flyway reads it at the same time: closed like all others, and read by origins.
set local lock_timeout = '2s';
do $$
begin
  if not exists (select from pg_policy where polrelid = '${flyway:table}'::regclass) then
    alter table ${flyway:table} enable row level security;
    revoke all on ${flyway:table} from ${everyone};
    grant select on ${flyway:table} to mcpist_origin;
    create policy of_origins on ${flyway:table} for select to mcpist_origin using (true);
  end if;
end $$;
