package com.mcpist.origin.db;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
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
  private static final Duration LOOK = Duration.ofMillis(50);

  private final transient LoginGate gate;
  private final transient CountDownLatch stopped = new CountDownLatch(1);

  ReturningDataSource(LoginGate gate) {
    this.gate = gate;
  }

  @Override
  public Connection getConnection() throws SQLException {
    try {
      while (!gate.await(LOOK)) {
        if (stopped.getCount() == 0) {
          throw new SQLException("The pool is closed");
        }
      }
      return connect();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SQLException("Interrupted while connecting", e);
    }
  }

  private Connection connect() throws SQLException, InterruptedException {
    long wait = FIRST_WAIT_MILLIS;
    int refusals = 0;
    while (true) {
      try {
        return super.getConnection();
      } catch (SQLException e) {
        boolean refused = LoginGate.refused(e);
        refusals = refused ? refusals + 1 : 0;
        if (stopped.await(
            refused ? LoginGate.pause(refusals).toMillis() : wait, TimeUnit.MILLISECONDS)) {
          throw e;
        }
        wait = Math.min(LONGEST_WAIT_MILLIS, wait * 2);
      }
    }
  }

  /** Lets the pool be closed, which waits for the thread that connects. */
  void stop() {
    stopped.countDown();
  }
}
