package com.mcpist.origin.db;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;

/**
 * Looks whether the role that calls run as has what it needs, and nothing with which row-level
 * security would not hold.
 */
final class Rights {
  /** The role, what it may become, and the tables with rows; needs the role's name. */
  private static final String ROLE =
      """
      with me as (select %2$s as name),
      own as (
        select r.* from pg_roles r, me where pg_has_role(me.name, r.oid, 'MEMBER')),
      tables as (
        select c.oid, c.relname, c.relowner from pg_class c
        where c.relkind in ('r', 'p') and c.relnamespace = current_schema()::regnamespace
          and (c.relname in ('tool_call', 'memory') or exists (
            select from aclexplode(c.relacl) a where a.grantee = to_regrole('%1$s'))))
      """;

  /** What a role must not be, empty where it is none of that. */
  private static final String EXCESS =
      """
      concat_ws(', ',
        case when (select bool_or(rolsuper) from own) then 'is a superuser' end,
        case when (select bool_or(rolbypassrls) from own) then 'bypasses row-level security' end,
        case when (select bool_or(rolcreaterole) from own) then 'may make roles' end,
        case when (select bool_or(rolcreatedb) from own) then 'may make databases' end,
        case when (select bool_or(rolreplication) from own) then 'may replicate' end,
        case when exists (select from own where rolname in ('pg_execute_server_program',
            'pg_read_server_files', 'pg_write_server_files'))
          then 'may use the server''s files' end,
        (select 'owns ' || string_agg(relname, ', ' order by relname) from tables
          where pg_has_role(me.name, relowner, 'MEMBER')),
        (select 'owns the schema ' || nspname from pg_namespace
          where nspname = current_schema() and pg_has_role(me.name, nspowner, 'MEMBER')),
        (select 'owns the database' from pg_database
          where datname = current_database() and pg_has_role(me.name, datdba, 'MEMBER')),
        case when has_schema_privilege(me.name, current_schema(), 'CREATE') then format(
          'may create things in the schema %%1$s (where everybody may: REVOKE CREATE ON SCHEMA %%1$s FROM PUBLIC)',
          current_schema()) end)\
      """;

  /** Of the session's own role. */
  private static final String QUERY =
      (ROLE
              + """
              select me.name,
                to_regrole('%1$s') is not null
                  and pg_has_role(current_user, to_regrole('%1$s'), 'USAGE') as member,
                concat_ws(', ', nullif(
              """
              + EXCESS
              + """
              , ''),
                  (select 'is not held by row-level security in '
                      || string_agg(relname, ', ' order by relname)
                    from tables where not row_security_active(oid))) as rights
              from me\
              """)
          .formatted(
              DatabaseConfig.ORIGIN_ROLE, "case when ? then current_user else session_user end");

  /** Of any role. */
  private static final String QUERY_OF_ANOTHER =
      (ROLE + "select " + EXCESS + " as rights from me")
          .formatted(DatabaseConfig.ORIGIN_ROLE, "?::name");

  private static final int CONNECT_SECONDS = 2;
  private static final int ANSWER_SECONDS = 10;
  private static final String WRONG_PASSWORD = "28P01";

  private Rights() {}

  /**
   * Looks.
   *
   * @throws ExcessiveRightsException when it has more than it should
   * @throws SQLException when it has less, or the database is away: try again
   */
  static void check(DatabaseConfig config) throws SQLException, ExcessiveRightsException {
    try (Connection connection = Database.connect(config.calls(), CONNECT_SECONDS, ANSWER_SECONDS);
        PreparedStatement query = connection.prepareStatement(QUERY)) {
      query.setBoolean(1, config.assumesRole());
      try (ResultSet row = query.executeQuery()) {
        row.next();
        String role = row.getString("name");
        String rights = row.getString("rights");
        if (!rights.isEmpty()) {
          throw new ExcessiveRightsException(role, rights, config.migrations().isEmpty());
        }
        if (!row.getBoolean("member")) {
          throw new SQLException(
              "DATABASE_URL's role %s is no member of %s: set MIGRATION_DATABASE_URL to the owner's address, whose origin grants it"
                  .formatted(role, DatabaseConfig.ORIGIN_ROLE));
        }
      }
    } catch (SQLException e) {
      throw WRONG_PASSWORD.equals(e.getSQLState()) ? wrongPassword(config.url().role(), e) : e;
    }
  }

  /** What a role has that it should not, by another's session; empty where that is nothing. */
  static String excess(Connection connection, String role) throws SQLException {
    try (PreparedStatement query = connection.prepareStatement(QUERY_OF_ANOTHER)) {
      query.setString(1, role);
      try (ResultSet row = query.executeQuery()) {
        row.next();
        return row.getString("rights");
      }
    }
  }

  private static SQLException wrongPassword(String role, SQLException cause) {
    SQLException told =
        new SQLException(
            "The database does not take DATABASE_URL's password: the role "
                + role
                + " has another. Name another user in DATABASE_URL, whose role is made by itself,"
                + " or change this one's password by ALTER ROLE as the owner",
            cause.getSQLState());
    told.addSuppressed(cause);
    return told;
  }
}
