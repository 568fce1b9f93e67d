package com.mcpist.origin.db;

import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
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

  private final long waitMillis;
  private final Predicate<String> heavy;
  private final Map<String, Integer> held = new HashMap<>();
  private final Deque<Waiter> line = new ArrayDeque<>();
  private int free;

  private record Waiter(String user, CountDownLatch granted) {}

  /** Of a pool; who holds none waits so long at most; heavy is who gets one at a time. */
  Shares(int poolSize, long waitMillis, Predicate<String> heavy) {
    int own = poolSize >= 6 ? 2 : poolSize >= 3 ? 1 : 0;
    this.free = poolSize - own;
    this.waitMillis = waitMillis;
    this.heavy = heavy;
  }

  /**
   * Waits for a place. What it returns gives that back, and is to be run once. Throws
   * SQLTransientConnectionException when there is none in time.
   */
  Runnable take(String user) throws SQLException {
    Waiter me = new Waiter(user, new CountDownLatch(1));
    long began = System.nanoTime();
    synchronized (this) {
      line.add(me);
      grant();
    }
    try {
      while (!me.granted.await(waitMillis, TimeUnit.MILLISECONDS)
          && holds(user)
          && System.nanoTime() - began < OWN_CALLS_NANOS) {}
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    synchronized (this) {
      if (line.remove(me)) {
        throw new SQLTransientConnectionException("Other calls have all connections");
      }
    }
    return () -> giveBack(user);
  }

  private synchronized boolean holds(String user) {
    return held.containsKey(user);
  }

  private synchronized void giveBack(String user) {
    free++;
    held.computeIfPresent(user, (u, count) -> count == 1 ? null : count - 1);
    grant();
  }

  private void grant() {
    for (Iterator<Waiter> all = line.iterator(); free > 0 && all.hasNext(); ) {
      Waiter next = all.next();
      if (held.getOrDefault(next.user, 0) < (heavy.test(next.user) ? 1 : free)) {
        free--;
        held.merge(next.user, 1, Integer::sum);
        all.remove();
        next.granted.countDown();
      }
    }
  }
}
