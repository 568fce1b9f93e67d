package com.mcpist.edge.proxy;

import java.util.concurrent.atomic.AtomicLong;

/** Bounds the bytes of all bodies that an edge holds at once; safe for all threads. */
final class BodyBudget {
  private final long limit;
  private final AtomicLong held = new AtomicLong();

  BodyBudget(long limit) {
    this.limit = limit;
  }

  /**
   * Takes {@code bytes} of the budget; false, and nothing taken, when that is more than is left.
   */
  boolean take(int bytes) {
    if (held.addAndGet(bytes) <= limit) {
      return true;
    }
    held.addAndGet(-bytes);
    return false;
  }

  /** Gives back what was taken. */
  void give(int bytes) {
    held.addAndGet(-bytes);
  }

  /** The bytes taken now. */
  long held() {
    return held.get();
  }
}
