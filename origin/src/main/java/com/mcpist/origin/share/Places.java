package com.mcpist.origin.share;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Places that users share, such as the connections of a pool. A user waits in a line for a place,
 * and the first one in the line who may have another place gets it. How many places a user may have
 * depends on how many are free, so that users who hold many places leave some for others.
 * Thread-safe.
 */
public final class Places {
  private final Allowance allowance;
  private final Map<String, Integer> held = new HashMap<>();
  private final Deque<Turn> line = new ArrayDeque<>();
  private int free;

  /** How many places a user may have. */
  @FunctionalInterface
  public interface Allowance {
    /**
     * A user takes another place only while holding fewer than are free: of eight, one user gets
     * four, a second one two, and a third one finds one.
     */
    Allowance FEWER_THAN_FREE = (user, free) -> free;

    /** Returns the number that a user must hold fewer than, while so many places are free. */
    int most(String user, int free);
  }

  public Places(int count, Allowance allowance) {
    this.free = count;
    this.allowance = allowance;
  }

  /** Joins the line for a place. */
  public Turn enter(String user) {
    Turn turn = new Turn(user);
    synchronized (this) {
      line.add(turn);
      grant();
    }
    return turn;
  }

  /** Returns how many places the user holds. */
  public synchronized int held(String user) {
    return held.getOrDefault(user, 0);
  }

  private void grant() {
    for (Iterator<Turn> all = line.iterator(); free > 0 && all.hasNext(); ) {
      Turn next = all.next();
      if (held(next.user) < allowance.most(next.user, free)) {
        free--;
        held.merge(next.user, 1, Integer::sum);
        all.remove();
        next.granted.countDown();
      }
    }
  }

  /** A user's turn in the line, and then the place. */
  public final class Turn implements AutoCloseable {
    private final String user;
    private final CountDownLatch granted = new CountDownLatch(1);
    private boolean closed;

    private Turn(String user) {
      this.user = user;
    }

    /** Waits for the place for so long at most. Returns true if the user has the place. */
    public boolean await(long nanos) throws InterruptedException {
      return granted.await(nanos, TimeUnit.NANOSECONDS);
    }

    /** Returns true if the user has the place. */
    public boolean isGranted() {
      return granted.getCount() == 0;
    }

    /** Gives the place back, or leaves the line. A second call does nothing. */
    @Override
    public void close() {
      synchronized (Places.this) {
        if (closed) {
          return;
        }
        closed = true;
        if (!line.remove(this)) {
          free++;
          held.computeIfPresent(user, (u, count) -> count == 1 ? null : count - 1);
          grant();
        }
      }
    }
  }
}
