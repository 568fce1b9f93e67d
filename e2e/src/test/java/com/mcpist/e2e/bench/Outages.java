package com.mcpist.e2e.bench;

import java.time.Duration;

/** For how long all of some origins were away at once. */
final class Outages {

  private final int origins;
  private int away;
  private long begin;
  private long longest;

  Outages(int origins) {
    this.origins = origins;
  }

  /** One is away from now on. */
  synchronized void begin() {
    away++;
    if (away == origins) {
      begin = System.nanoTime();
    }
  }

  /** One is back. */
  synchronized void end() {
    if (away == origins) {
      longest = Math.max(longest, System.nanoTime() - begin);
    }
    away--;
  }

  /** The longest outage that has ended. */
  synchronized Duration longest() {
    return Duration.ofNanos(longest);
  }
}
