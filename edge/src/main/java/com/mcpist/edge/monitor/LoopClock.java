package com.mcpist.edge.monitor;

/**
 * Milliseconds for which an event loop ran. A gap between two beats counts for no more than a loop
 * that runs on time would need, so a process that was stopped for three seconds ages by a fraction
 * of one. Not safe for several threads.
 */
final class LoopClock {
  private final long longestNanos;
  private long ranNanos;
  private long beatNanos;

  /**
   * @param longestMillis the longest gap that counts whole
   * @param nanoTime as {@link System#nanoTime()}
   */
  LoopClock(long longestMillis, long nanoTime) {
    longestNanos = longestMillis * 1_000_000;
    beatNanos = nanoTime;
  }

  /** Called by the loop at short intervals. */
  long beat(long nanoTime) {
    ranNanos += gap(nanoTime);
    beatNanos = nanoTime;
    return ranNanos / 1_000_000;
  }

  long millis(long nanoTime) {
    return (ranNanos + gap(nanoTime)) / 1_000_000;
  }

  private long gap(long nanoTime) {
    return Math.min(nanoTime - beatNanos, longestNanos);
  }
}
