package com.mcpist.pair.supervisor;

import com.mcpist.deploy.platform.PlatformException.Kind;
import com.mcpist.pair.data.PairException;
import java.util.concurrent.Semaphore;

/**
 * What is changed in a pair while it serves, one change at a time: two at once could take both
 * origins away, and an origin that is drained while a new edge starts would be drained at the old
 * one only.
 */
final class Turn {
  private final Semaphore free = new Semaphore(1, true);
  private volatile String what = "";

  /** One change, from its beginning to its end. */
  @FunctionalInterface
  interface Change<T> {
    T make() throws PairException, InterruptedException;
  }

  /**
   * Makes a change now.
   *
   * @param is what it is, as {@code the edge is being restarted}
   * @throws PairException where another one is under way
   */
  <T> T now(String is, Change<T> change) throws PairException, InterruptedException {
    if (!free.tryAcquire()) {
      throw taken();
    }
    what = is;
    try {
      return change.make();
    } finally {
      free.release();
    }
  }

  /** Fails where another change is under way. */
  void check() throws PairException {
    if (free.availablePermits() == 0) {
      throw taken();
    }
  }

  private PairException taken() {
    return new PairException(Kind.CONFLICT, what, "Try again when that is done");
  }

  /** Waits until no other change is under way. */
  void take(String is) throws InterruptedException {
    free.acquire();
    what = is;
  }

  void giveBack() {
    free.release();
  }
}
