package com.mcpist.origin.db;

import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Who may have how many of the pool's connections for calls: one user all but two of them, so that
 * another user's call finds one, and all users together all but those with which this origin knows
 * keys and plans, renews claims and is administered.
 */
final class Shares {
  private static final int OTHERS = 2;

  /**
   * As long as any call may last: whoever waits for calls of its own does so behind them, and has
   * not failed. They end, also where the database does not answer any more.
   */
  private static final long OWN_CALLS_SECONDS = 300;

  private final int ofUser;
  private final Semaphore all;
  private final long allMillis;
  private final ConcurrentHashMap<String, Share> users = new ConcurrentHashMap<>();

  /** Of a pool; a call waits so long for others' calls. */
  Shares(int poolSize, long allMillis) {
    int own = poolSize >= 6 ? 2 : poolSize >= 3 ? 1 : 0;
    int calls = poolSize - own;
    // Two calls of one user may wait for each other in the database.
    this.ofUser = Math.max(Math.min(2, calls), calls - OTHERS);
    this.all = new Semaphore(calls, true);
    this.allMillis = allMillis;
  }

  /** What one user has, while a call of that user has a connection or waits for one. */
  private static final class Share {
    private final Semaphore free;
    private int interested;

    Share(int size) {
      this.free = new Semaphore(size, true);
    }
  }

  /**
   * Waits for a place. What it returns gives that back, and is to be run once. Throws SQLException
   * when there is none in time.
   */
  Runnable take(String user) throws SQLException {
    Share share = users.compute(user, (u, known) -> interested(known));
    boolean own = false;
    boolean taken = false;
    try {
      own = share.free.tryAcquire(OWN_CALLS_SECONDS, TimeUnit.SECONDS);
      taken = own && all.tryAcquire(allMillis, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (taken) {
      return () -> leave(user, share, true, true);
    }
    leave(user, share, own, false);
    throw new SQLTransientConnectionException("Other calls have all connections");
  }

  private Share interested(@Nullable Share known) {
    Share share = known == null ? new Share(ofUser) : known;
    share.interested++;
    return share;
  }

  private void leave(String user, Share share, boolean own, boolean taken) {
    if (taken) {
      all.release();
    }
    if (own) {
      share.free.release();
    }
    users.computeIfPresent(user, (u, s) -> --s.interested == 0 ? null : s);
  }
}
