-- Flyway's own table, which no migration makes: closed like all others. Its owner writes it as before.
set local lock_timeout = '2s';
do $$
declare
  v_role text;
begin
  if to_regclass('flyway_schema_history') is null then
    return;
  end if;
  alter table flyway_schema_history enable row level security;
  revoke all on flyway_schema_history from public;
  for v_role in select rolname from pg_roles where rolname in ('anon', 'authenticated') loop
    execute format('revoke all on flyway_schema_history from %I', v_role);
  end loop;
end $$;
