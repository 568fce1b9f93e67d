package com.mcpist.origin.http;

/**
 * Bounds the bytes of all request bodies that are in memory at once. A quarter is for small bodies
 * only, so that a flood of large ones leaves room for the usual call. Confined to the event loop.
 */
final class BodyBudget {
  private static final int SMALL_BYTES = 64 * 1024;
  private static final int SMALL_SHARE = 4;

  private final long limit;
  private long held;

  BodyBudget(long limit) {
    this.limit = limit;
  }

  /**
   * Takes {@code bytes} of the budget; false, and nothing taken, when that is more than is left.
   *
   * @param of how long the body is that they are a part of, as far as is known
   */
  boolean take(long bytes, long of) {
    long most = of > SMALL_BYTES ? limit - limit / SMALL_SHARE : limit;
    if (held + bytes > most) {
      return false;
    }
    held += bytes;
    return true;
  }

  /** Gives back what was taken. */
  void give(long bytes) {
    held -= bytes;
  }
}
