package com.mcpist.origin.db;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.TimeUnit;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * Connects as soon as the database is there, asking often. A pool's own waiting between attempts
 * grows to seconds, and so does the time in which a database that has come back is not used.
 */
final class ReturningDataSource extends PGSimpleDataSource {
  private static final long serialVersionUID = 1L;
  private static final long FIRST_WAIT_MILLIS = 25;
  private static final long LONGEST_WAIT_MILLIS = 400;

  private volatile boolean stopped;

  @Override
  public Connection getConnection() throws SQLException {
    long wait = FIRST_WAIT_MILLIS;
    while (true) {
      try {
        return super.getConnection();
      } catch (SQLException e) {
        if (stopped) {
          throw e;
        }
        pause(wait, e);
        wait = Math.min(LONGEST_WAIT_MILLIS, wait * 2);
      }
    }
  }

  /** Lets the pool be closed, which waits for the thread that connects. */
  void stop() {
    stopped = true;
  }

  private static void pause(long millis, SQLException failure) throws SQLException {
    try {
      TimeUnit.MILLISECONDS.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw failure;
    }
  }
}
