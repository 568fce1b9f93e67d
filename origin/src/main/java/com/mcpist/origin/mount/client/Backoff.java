package com.mcpist.origin.mount.client;

import java.time.Duration;

/** How long a server that ended is not started again: twice as long after each run, from 1 s on. */
record Backoff(int shortRuns) {
  static final Backoff FRESH = new Backoff(0);
  private static final Duration FIRST = Duration.ofSeconds(1);

  /** What served for so long was sound. */
  private static final Duration STEADY = Duration.ofMinutes(1);

  Backoff after(Duration served) {
    return new Backoff(served.compareTo(STEADY) >= 0 ? 1 : shortRuns + 1);
  }

  Duration pause(Duration longest) {
    // Doubling six times is beyond the longest, and does not overflow.
    Duration doubled = FIRST.multipliedBy((1L << Math.min(shortRuns, 7)) / 2);
    return doubled.compareTo(longest) > 0 ? longest : doubled;
  }
}
