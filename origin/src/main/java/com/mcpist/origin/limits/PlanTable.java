package com.mcpist.origin.limits;

import com.mcpist.origin.db.Database;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.function.BooleanSupplier;
import org.jdbi.v3.core.ConnectionException;
import org.jdbi.v3.core.Handle;

/**
 * The plans in the database.
 *
 * @param ready whether the schema is there
 */
record PlanTable(Database database, BooleanSupplier ready) implements PlanSource {
  private static final int STATEMENT_SECONDS = 1;

  /** A transaction of one round trip, which sees this user's account and no other. */
  private static final String READ =
      """
      select set_config('mcpist.user_id', ?, true);
      select name, calls_per_minute, calls_at_once, storage_mib from plan
      where name = coalesce((select plan from account where user_id = ?), ?);
      commit\
      """;

  @Override
  public Plan plan(String user) throws SQLException {
    if (!ready.getAsBoolean()) {
      throw new SQLException("The database is away, or its schema is not there yet");
    }
    try (Handle handle = database.open();
        PreparedStatement s = handle.getConnection().prepareStatement(READ)) {
      s.setQueryTimeout(STATEMENT_SECONDS);
      s.setString(1, user);
      s.setString(2, user);
      s.setString(3, Plan.STANDARD.name());
      s.execute();
      s.getMoreResults();
      try (ResultSet row = s.getResultSet()) {
        if (!row.next()) {
          throw new SQLException("The standard plan is gone");
        }
        return new Plan(row.getString(1), row.getInt(2), row.getInt(3), row.getInt(4));
      }
    } catch (ConnectionException e) {
      throw new SQLException("The pool has no connection free", e);
    }
  }
}
