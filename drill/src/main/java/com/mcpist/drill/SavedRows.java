package com.mcpist.drill;

import module java.base;

import com.mcpist.pair.data.PairException;
import com.mcpist.pair.database.DatabaseUrl;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;

/**
 * What the calls of drills have left in a database, told from all else by title, tag and text. A
 * database that does not answer is a PairException.
 */
record SavedRows(DatabaseUrl url) {
  static final String TAG = "mcpist-drill";
  static final String TEXT = "Saved by a drill, which takes it away at its end.";

  /** What every title of a drill is like, for PostgreSQL. */
  private static final String TITLES = "^" + TAG + " [0-9a-f]{16} [0-9]+$";

  private static final String COUNT =
      "select title, count(*) from memory where title ~ ? group by title";

  /** A memory and the ledger's row of the call that saved it are of one transaction. */
  private static final String REMOVE =
      """
      with gone as (
        delete from memory where title ~ ? and tags = array[?]::text[] and text = ? returning id::text)
      delete from tool_call
      where tool = 'memory_save'
        and result::jsonb #>> '{structuredContent,id}' in (select id from gone)
      """;

  private static final String AT_WORK =
      """
      select count(*) from pg_stat_activity
      where datname = current_database() and application_name like 'mcpist:%' and xact_start is not null
      """;

  /** The title of a call of a run, which is 16 hexadecimal digits. */
  static String title(String run, int number) {
    return TAG + " " + run + " " + number;
  }

  Map<String, Integer> count() throws PairException {
    Map<String, Integer> counts = new HashMap<>();
    try (Connection connection = url.connect();
        PreparedStatement query = connection.prepareStatement(COUNT)) {
      query.setString(1, TITLES);
      try (ResultSet rows = query.executeQuery()) {
        while (rows.next()) {
          counts.put(rows.getString(1), rows.getInt(2));
        }
      }
    } catch (SQLException e) {
      throw unreachable(e);
    }
    return counts;
  }

  /** Whether the database answers, and no attempt at a call is at work any more. */
  boolean isQuiet() {
    try (Connection connection = url.connect();
        PreparedStatement query = connection.prepareStatement(AT_WORK);
        ResultSet rows = query.executeQuery()) {
      return rows.next() && rows.getInt(1) == 0;
    } catch (SQLException _) {
      return false;
    }
  }

  /** Takes away what this drill and earlier ones have left: the data is as it was. */
  void remove() throws PairException {
    try (Connection connection = url.connect();
        PreparedStatement remove = connection.prepareStatement(REMOVE)) {
      remove.setString(1, TITLES);
      remove.setString(2, TAG);
      remove.setString(3, TEXT);
      remove.executeUpdate();
    } catch (SQLException e) {
      throw unreachable(e);
    }
  }

  private static PairException unreachable(SQLException e) {
    String reason = String.valueOf(e.getMessage()).lines().findFirst().orElse("no reason given");
    return new PairException("the pair's database cannot be asked: " + reason, e);
  }
}
