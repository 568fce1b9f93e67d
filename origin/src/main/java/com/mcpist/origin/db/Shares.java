package com.mcpist.origin.db;

import com.mcpist.origin.share.Places;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/**
 * Shares the pool's connections for calls among users. A user takes another connection only while
 * holding fewer than are free: of eight, one user gets four, a second one two, and a third one
 * finds one. A user whose calls have taken much of the database's time gets one at a time. The
 * first in the line who may take a connection gets it. All users together leave some connections,
 * with which this origin looks up keys and plans, renews claims and is administered.
 */
final class Shares {
  /**
   * As long as any call may last: whoever waits for calls of its own does so behind them, and has
   * not failed. They end, also where the database does not answer any more.
   */
  private static final long OWN_CALLS_NANOS = TimeUnit.SECONDS.toNanos(300);

  private final long waitNanos;
  private final Places places;

  /**
   * Shares a pool of this size. A user who holds no connection waits for the given time at most. A
   * heavy user gets one connection at a time.
   */
  Shares(int poolSize, long waitMillis, Predicate<String> heavy) {
    int own = poolSize >= 6 ? 2 : poolSize >= 3 ? 1 : 0;
    this.places = new Places(poolSize - own, (user, free) -> heavy.test(user) ? 1 : free);
    this.waitNanos = TimeUnit.MILLISECONDS.toNanos(waitMillis);
  }

  /**
   * Waits for a connection's place, and returns what gives the place back. Throws
   * SQLTransientConnectionException if no place becomes free in time.
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
