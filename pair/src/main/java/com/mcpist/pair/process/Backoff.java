package com.mcpist.pair.process;

import java.time.Duration;

/**
 * How long to wait before a program that died is started again, as a platform would: the first time
 * not at all, then longer after each run that was not steady, and again from the beginning.
 */
record Backoff(int shortRuns, boolean killed) {
  static final Backoff FRESH = new Backoff(0, false);
  private static final Duration FIRST = Duration.ofMillis(250);

  /** A run that was ready for this long was steady: what ended it came from outside. */
  private static final Duration STEADY = Duration.ofSeconds(1);

  /**
   * A few kills in a row are from outside, however short the runs were; at each start they are the
   * program's, which takes too much memory, say.
   */
  private static final int KILLS = 5;

  Backoff after(Duration ready, boolean wasKilled) {
    return new Backoff(ready.compareTo(STEADY) >= 0 ? 1 : shortRuns + 1, wasKilled);
  }

  Duration delay(Duration longest) {
    if (shortRuns <= 1 || (killed && shortRuns < KILLS)) {
      return Duration.ZERO;
    }
    // Doubling seven times is beyond the longest, and does not overflow.
    Duration doubled = FIRST.multipliedBy(1L << Math.min(shortRuns - 2, 7));
    return doubled.compareTo(longest) > 0 ? longest : doubled;
  }
}
