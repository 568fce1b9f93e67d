package com.mcpist.edge.time;

/**
 * Milliseconds for which an event loop ran: what it did not see is not silence. A gap between two
 * beats counts for no more than a loop that runs on time would need, so a process that was stopped
 * for three seconds ages by a fraction of one. Pure; not safe for several threads.
 */
public final class LoopClock {
  private final long longestNanos;
  private long ranNanos;
  private long beatNanos;

  /** Starts at 0; {@code longestMillis}: the longest gap that counts whole. */
  public LoopClock(long longestMillis, long nanoTime) {
    longestNanos = longestMillis * 1_000_000;
    beatNanos = nanoTime;
  }

  /** Called by the loop at short intervals; returns the milliseconds up to now. */
  public long beat(long nanoTime) {
    ranNanos += gap(nanoTime);
    beatNanos = nanoTime;
    return millis();
  }

  /** Milliseconds up to the last beat. */
  public long millis() {
    return ranNanos / 1_000_000;
  }

  public long millis(long nanoTime) {
    return (ranNanos + gap(nanoTime)) / 1_000_000;
  }

  private long gap(long nanoTime) {
    return Math.min(nanoTime - beatNanos, longestNanos);
  }
}
