package com.mcpist.origin.db;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.regex.Pattern;
import org.postgresql.util.PasswordUtil;

/**
 * The role that an origin logs in as, made by the tables' owner where it is missing. Each method
 * works on a connection of the owner's with autocommit on.
 */
final class LoginRole {
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
          .formatted(DatabaseConfig.ORIGIN_ROLE);

  /** Kept until the transaction's end; it is this project's by its name's first letters. */
  private static final String ONE_AT_A_TIME =
      "select pg_advisory_xact_lock(hashtextextended('mcpist login role', 0))";

  /** SQLSTATEs of what passes by itself: the database goes, or another makes the same role. */
  private static final Pattern PASSING = Pattern.compile("(08|40|53|55|57).*|42710|23505");

  /**
   * How far it is.
   *
   * @param owner whether it is the owner itself, who needs nothing
   * @param fenced whether the ledger's fence may end its sessions
   * @param fence as whom the fence runs, quoted
   */
  private record State(boolean there, boolean owner, boolean member, boolean fenced, String fence) {
    boolean done() {
      return owner || (there && member && fenced);
    }
  }

  private LoginRole() {}

  /**
   * Makes the user of this URL a role that may log in and is a member of the origins' one.
   *
   * @throws ExcessiveRightsException where it is there and has more than it should: nothing is
   *     granted to it then
   * @throws SQLException also where it cannot be made; the message says what to do then
   */
  static void ensure(Connection connection, DatabaseUrl login)
      throws SQLException, ExcessiveRightsException {
    if (state(connection, login.role()).done()) {
      return;
    }
    connection.setAutoCommit(false);
    try {
      make(connection, login);
      connection.commit();
    } catch (ExcessiveRightsException e) {
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
      throws SQLException, ExcessiveRightsException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(ONE_AT_A_TIME);
      State state = state(connection, login.role());
      String role = statement.enquoteIdentifier(login.role(), true);
      if (state.there()) {
        String rights = Rights.excess(connection, login.role());
        if (!rights.isEmpty()) {
          throw new ExcessiveRightsException(
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
            "grant " + DatabaseConfig.ORIGIN_ROLE + " to " + role + " with inherit true");
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
              "select pg_has_role(current_user, '" + DatabaseConfig.ORIGIN_ROLE + "', 'SET')")) {
        row.next();
        if (row.getBoolean(1)) {
          return;
        }
      }
      statement.execute(
          "grant " + DatabaseConfig.ORIGIN_ROLE + " to current_user with inherit false, set true");
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
    SQLException told =
        new SQLException(
            "MIGRATION_DATABASE_URL's role cannot make the role %1$s of DATABASE_URL (%2$s). As an administrator of the database run: CREATE ROLE %1$s LOGIN PASSWORD '…'; GRANT %3$s TO %1$s WITH INHERIT TRUE; and GRANT %1$s TO the tables' owner WITH INHERIT TRUE, SET FALSE"
                .formatted(
                    role,
                    String.valueOf(cause.getMessage()).lines().findFirst().orElse(""),
                    DatabaseConfig.ORIGIN_ROLE),
            cause.getSQLState());
    told.addSuppressed(cause);
    return told;
  }
}
