package com.mcpist.origin.db;

import com.mcpist.database.DatabaseUrl;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.regex.Pattern;
import org.postgresql.util.PasswordUtil;

/**
 * The role that an origin logs in as, made by the tables' owner where it is missing. Each method
 * works on a connection of the owner's with autocommit on.
 */
final class LoginRole {
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

  private static final String QUERY =
      (ROLE
              + """
              select me.name,
                -- An owner whom the ledger's fence runs as may end this role's sessions.
                (select proowner::regrole::text from pg_proc
                  where oid = to_regproc('ledger_fence')
                    and not pg_has_role(proowner, session_user, 'USAGE')
                    and not pg_has_role(proowner, 'pg_signal_backend', 'USAGE')) as unfenced_by,
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
              Database.Config.ORIGIN_ROLE, "case when ? then current_user else session_user end");

  private static final String QUERY_OF_ANOTHER =
      (ROLE + "select " + EXCESS + " as rights from me")
          .formatted(Database.Config.ORIGIN_ROLE, "?::name");

  private static final int CONNECT_SECONDS = 2;
  private static final int ANSWER_SECONDS = 10;
  private static final String WRONG_PASSWORD = "28P01";

  private static final String STATE =
      """
      select r.oid is not null as there,
        coalesce(r.oid = f.proowner, false) as owner,
        coalesce(pg_has_role(r.oid, '%s', 'USAGE'), false) as member,
        -- The fence runs as this owner, and ends that role's sessions.
        coalesce(pg_has_role(f.proowner, r.oid, 'USAGE'), false) as fenced,
        f.proowner::regrole::text as fence
      from (select proowner from pg_proc where oid = to_regproc('ledger_fence')) f
        left join pg_roles r on r.rolname = ?\
      """
          .formatted(Database.Config.ORIGIN_ROLE);

  /** Kept until the transaction's end; it is this project's by its name's first letters. */
  private static final String ONE_AT_A_TIME =
      "select pg_advisory_xact_lock(hashtextextended('mcpist login role', 0))";

  /** SQLSTATEs of what passes by itself: the database goes, or another makes the same role. */
  private static final Pattern PASSING = Pattern.compile("(08|40|53|55|57).*|42710|23505");

  /**
   * How far it is: whether it is the owner itself, who needs nothing, and whether the ledger's
   * fence may end its sessions; fence is as whom that runs, quoted.
   */
  private record State(boolean there, boolean owner, boolean member, boolean fenced, String fence) {
    boolean done() {
      return owner || (there && member && fenced);
    }
  }

  private LoginRole() {}

  /**
   * Makes the user of this URL a role that may log in and is a member of the origins' one. Throws
   * UnusableDatabaseException where it is there and has more than it should: nothing is granted to
   * it then. Throws SQLException also where it cannot be made; the message says what to do then.
   */
  static void ensure(Connection connection, DatabaseUrl login)
      throws SQLException, UnusableDatabaseException {
    if (state(connection, login.role()).done()) {
      return;
    }
    connection.setAutoCommit(false);
    try {
      make(connection, login);
      connection.commit();
    } catch (UnusableDatabaseException e) {
      connection.rollback();
      throw e;
    } catch (SQLException e) {
      connection.rollback();
      throw PASSING.matcher(String.valueOf(e.getSQLState())).matches()
          ? e
          : notMade(login.role(), e);
    } finally {
      connection.setAutoCommit(true);
    }
  }

  private static void make(Connection connection, DatabaseUrl login)
      throws SQLException, UnusableDatabaseException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(ONE_AT_A_TIME);
      State state = state(connection, login.role());
      String role = statement.enquoteIdentifier(login.role(), true);
      if (state.there()) {
        String rights = excess(connection, login.role());
        if (!rights.isEmpty()) {
          throw new UnusableDatabaseException.ExcessiveRights(
              login.role() + ", which is there already,", rights, false);
        }
      } else {
        statement.execute(
            "create role "
                + role
                + " login inherit nosuperuser nocreatedb nocreaterole noreplication nobypassrls"
                + password(statement, login));
      }
      if (!state.member()) {
        statement.execute(
            "grant " + Database.Config.ORIGIN_ROLE + " to " + role + " with inherit true");
      }
      if (!state.fenced()) {
        statement.execute(
            "grant " + role + " to " + state.fence() + " with inherit true, set false");
      }
    }
  }

  /** What the server needs to recognise the password, and nobody can log in with. */
  private static String password(Statement statement, DatabaseUrl login) throws SQLException {
    if (login.password().isEmpty()) {
      return "";
    }
    String verifier =
        PasswordUtil.encodePassword(login.role(), login.password().toCharArray(), "scram-sha-256");
    return " password " + statement.enquoteLiteral(verifier);
  }

  /** Lets the connection's own role lay down its rights; a superuser may. */
  static void ensureAssumable(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      try (ResultSet row =
          statement.executeQuery(
              "select pg_has_role(current_user, '" + Database.Config.ORIGIN_ROLE + "', 'SET')")) {
        row.next();
        if (row.getBoolean(1)) {
          return;
        }
      }
      statement.execute(
          "grant " + Database.Config.ORIGIN_ROLE + " to current_user with inherit false, set true");
    }
  }

  private static State state(Connection connection, String role) throws SQLException {
    try (PreparedStatement query = connection.prepareStatement(STATE)) {
      query.setString(1, role);
      try (ResultSet row = query.executeQuery()) {
        if (!row.next()) {
          throw new SQLException("The function ledger_fence is not in the schema");
        }
        return new State(
            row.getBoolean("there"),
            row.getBoolean("owner"),
            row.getBoolean("member"),
            row.getBoolean("fenced"),
            row.getString("fence"));
      }
    }
  }

  private static SQLException notMade(String role, SQLException cause) {
    return told(
        "MIGRATION_DATABASE_URL's role cannot make the role %1$s of DATABASE_URL (%2$s). As an administrator of the database run: CREATE ROLE %1$s LOGIN PASSWORD '…'; GRANT %3$s TO %1$s WITH INHERIT TRUE; and GRANT %1$s TO the tables' owner WITH INHERIT TRUE, SET FALSE"
            .formatted(role, Database.firstLine(cause), Database.Config.ORIGIN_ROLE),
        cause);
  }

  /**
   * Says what is wrong with it and leaves it usable. Throws UnusableDatabaseException when it has
   * more than it should. Throws SQLException when it has less, or the database is away: try again.
   */
  static List<String> check(Database.Config config) throws SQLException, UnusableDatabaseException {
    try (Connection connection = Database.connect(config.calls(), CONNECT_SECONDS, ANSWER_SECONDS);
        PreparedStatement query = connection.prepareStatement(QUERY)) {
      query.setBoolean(1, config.assumesRole());
      try (ResultSet row = query.executeQuery()) {
        row.next();
        String role = row.getString("name");
        String rights = row.getString("rights");
        if (!rights.isEmpty()) {
          throw new UnusableDatabaseException.ExcessiveRights(
              role, rights, config.migrations().isEmpty());
        }
        if (!row.getBoolean("member")) {
          throw new SQLException(
              "DATABASE_URL's role %s is no member of %s: set MIGRATION_DATABASE_URL to the owner's address, whose origin grants it"
                  .formatted(role, Database.Config.ORIGIN_ROLE));
        }
        String unfencedBy = row.getString("unfenced_by");
        return unfencedBy == null
            ? List.of()
            : List.of(
                "An attempt that hangs cannot be ended, and delays its call by up to 30 s: as an administrator of the database run GRANT %1$s TO %2$s WITH INHERIT TRUE, SET FALSE, then restart this origin"
                    .formatted(role, unfencedBy));
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
    return told(
        "The database does not take DATABASE_URL's password: the role "
            + role
            + " has another. Name another user in DATABASE_URL, whose role is made by itself,"
            + " or change this one's password by ALTER ROLE as the owner",
        cause);
  }

  private static SQLException told(String message, SQLException cause) {
    SQLException told = new SQLException(message, cause.getSQLState());
    told.addSuppressed(cause);
    return told;
  }
}
