package com.mcpist.origin.db;

import com.mcpist.origin.limits.Places;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/**
 * Who may have how many of the pool's connections for calls. A user takes another one only while
 * holding fewer than are free then: of eight one user gets four, a second two, and a third finds
 * one. Whose calls have taken much of the database's time gets one at a time. The first in line who
 * may take one gets it. All users together leave those with which this origin knows keys and plans,
 * renews claims and is administered.
 */
final class Shares {
  /**
   * As long as any call may last: whoever waits for calls of its own does so behind them, and has
   * not failed. They end, also where the database does not answer any more.
   */
  private static final long OWN_CALLS_NANOS = TimeUnit.SECONDS.toNanos(300);

  private final long waitNanos;
  private final Places places;

  /** Of a pool; who holds none waits so long at most; heavy is who gets one at a time. */
  Shares(int poolSize, long waitMillis, Predicate<String> heavy) {
    int own = poolSize >= 6 ? 2 : poolSize >= 3 ? 1 : 0;
    this.places = new Places(poolSize - own, (user, free) -> heavy.test(user) ? 1 : free);
    this.waitNanos = TimeUnit.MILLISECONDS.toNanos(waitMillis);
  }

  /**
   * Waits for a place. What it returns gives that back. Throws SQLTransientConnectionException when
   * there is none in time.
   */
  Runnable take(String user) throws SQLException {
    long began = System.nanoTime();
    Places.Turn turn = places.enter(user);
    try {
      while (!turn.await(waitNanos)
          && places.held(user) > 0
          && System.nanoTime() - began < OWN_CALLS_NANOS) {}
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (!turn.isGranted()) {
      turn.close();
      throw new SQLTransientConnectionException("Other calls have all connections");
    }
    return turn::close;
  }
}
