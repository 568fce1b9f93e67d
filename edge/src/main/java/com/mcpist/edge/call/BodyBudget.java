package com.mcpist.edge.call;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Bounds the bytes of all bodies that an edge holds at once; safe for all threads. A quarter is for
 * small bodies only, so that a flood of large ones leaves room for the usual call.
 */
final class BodyBudget {
  private static final int SMALL_BYTES = 64 * 1024;
  private static final int SMALL_SHARE = 4;

  private final long limit;
  private final AtomicLong held = new AtomicLong();

  BodyBudget(long limit) {
    this.limit = limit;
  }

  /**
   * Takes {@code bytes} of the budget; false, and nothing taken, when that is more than is left.
   *
   * @param of how long the body is that they are a part of, as far as is known
   */
  boolean take(int bytes, long of) {
    long most = of > SMALL_BYTES ? limit - limit / SMALL_SHARE : limit;
    if (held.addAndGet(bytes) <= most) {
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
