package com.mcpist.edge.time;

/**
 * Counts the milliseconds for which an event loop ran, since a time in which the loop saw nothing
 * is not silence. A gap between two beats counts for no more than a loop that runs on time would
 * need, so a process that was stopped for three seconds ages by a fraction of one. The class reads
 * no clock itself. Not safe for several threads.
 */
public final class LoopClock {
  private static final long STOPPED_NANOS = 1_000_000_000;
  private static final long CATCH_UP_NANOS = 5_000_000_000L;

  private final long longestNanos;
  private long ranNanos;
  private long beatNanos;
  private long behindUntilNanos;

  /** Starts at 0. {@code longestMillis} is the longest gap that counts whole. */
  public LoopClock(long longestMillis, long nanoTime) {
    longestNanos = longestMillis * 1_000_000;
    beatNanos = nanoTime;
    behindUntilNanos = nanoTime;
  }

  /**
   * Notes a beat, and returns the milliseconds up to now. The loop calls this at short intervals.
   */
  public long beat(long nanoTime) {
    ranNanos += gap(nanoTime);
    behindUntilNanos = behindUntil(nanoTime);
    beatNanos = nanoTime;
    return millis();
  }

  /** Returns the milliseconds up to the last beat. */
  public long millis() {
    return ranNanos / 1_000_000;
  }

  public long millis(long nanoTime) {
    return (ranNanos + gap(nanoTime)) / 1_000_000;
  }

  /**
   * Returns true if the loop was stopped for a second or more a moment ago, so that what it reads
   * may be old.
   */
  public boolean wasStopped(long nanoTime) {
    return behindUntil(nanoTime) > nanoTime;
  }

  private long behindUntil(long nanoTime) {
    return nanoTime - beatNanos >= STOPPED_NANOS ? nanoTime + CATCH_UP_NANOS : behindUntilNanos;
  }

  private long gap(long nanoTime) {
    return Math.min(nanoTime - beatNanos, longestNanos);
  }
}
