package com.mcpist.pair.process;

import java.time.Duration;

/** How long a program that died waits: first not at all, then longer until a run was steady. */
record Backoff(int shortRuns) {
  static final Backoff FRESH = new Backoff(0);
  private static final Duration FIRST = Duration.ofMillis(250);

  /** A run that was ready for this long was steady: what ended it came from outside. */
  private static final Duration STEADY = Duration.ofSeconds(1);

  /** After one more run, ready for so long. A kill is from outside, however short the run was. */
  Backoff after(Duration ready, boolean killed) {
    return new Backoff(killed || ready.compareTo(STEADY) >= 0 ? 1 : shortRuns + 1);
  }

  Duration delay(Duration longest) {
    if (shortRuns <= 1) {
      return Duration.ZERO;
    }
    // Doubling seven times is beyond the longest, and does not overflow.
    Duration doubled = FIRST.multipliedBy(1L << Math.min(shortRuns - 2, 7));
    return doubled.compareTo(longest) > 0 ? longest : doubled;
  }
}
