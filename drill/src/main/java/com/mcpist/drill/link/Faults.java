package com.mcpist.drill.link;

import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;

/**
 * What a link does wrong at the moment. Its lock guards the cut alone, and nothing blocks in it.
 */
final class Faults {
  private static final long NEVER = Long.MAX_VALUE;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private volatile boolean cut;
  private volatile long resetAfter = NEVER;

  void cut() {
    cut = true;
  }

  void mend() {
    resetAfter = NEVER;
    cut = false;
    wake();
  }

  /** Lets those that wait look again. */
  void wake() {
    lock.lock();
    try {
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  void resetResponsesAfter(long bytes) {
    resetAfter = bytes;
  }

  boolean resetsResponses() {
    return resetAfter != NEVER;
  }

  /** How many bytes of a response may pass. */
  long responseLimit() {
    return resetAfter;
  }

  /** Waits until the link is not cut, or the connection is over. */
  void awaitWhole(BooleanSupplier over) throws InterruptedException {
    if (!cut) {
      return;
    }
    lock.lock();
    try {
      while (cut && !over.getAsBoolean()) {
        changed.await();
      }
    } finally {
      lock.unlock();
    }
  }
}
