package com.mcpist.edge.proxy;

/**
 * Time as an event loop has lived it: while the loop did not run, no limit runs out, because what
 * it did not see is not silence. Pure.
 */
final class LoopClock {
  private final long periodMillis;
  private long lastMillis;
  private long lived;

  /**
   * Starts at 0.
   *
   * @param periodMillis between two ticks
   */
  LoopClock(long periodMillis, long nowMillis) {
    this.periodMillis = periodMillis;
    this.lastMillis = nowMillis;
  }

  /** Told once a period, or later when the loop was held up. */
  void tick(long nowMillis) {
    lived += Math.clamp(nowMillis - lastMillis, 0, 2 * periodMillis);
    lastMillis = nowMillis;
  }

  /** Milliseconds lived, up to the last tick. */
  long millis() {
    return lived;
  }
}
