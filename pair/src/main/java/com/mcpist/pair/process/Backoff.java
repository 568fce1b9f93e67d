package com.mcpist.pair.process;

import java.time.Duration;

/**
 * How long to wait before a program that died is started again, as a platform would: the first time
 * not at all, then longer each time, from the beginning again once it was steady.
 *
 * @param shortRuns how many runs in a row were not steady
 */
public record Backoff(int shortRuns) {
  /** Nothing has died yet. */
  public static final Backoff FRESH = new Backoff(0);

  private static final Duration FIRST = Duration.ofMillis(250);
  private static final Duration LONGEST = Duration.ofSeconds(30);

  /** A run that was ready for this long was steady: what ended it came from outside. */
  private static final Duration STEADY = Duration.ofSeconds(1);

  /**
   * After one more run.
   *
   * @param ready for how long the program was ready; zero where it never was
   */
  public Backoff after(Duration ready) {
    return new Backoff(ready.compareTo(STEADY) >= 0 ? 1 : shortRuns + 1);
  }

  /** The wait before the next start. */
  public Duration delay() {
    if (shortRuns <= 1) {
      return Duration.ZERO;
    }
    // Doubling seven times is beyond the longest, and does not overflow.
    Duration doubled = FIRST.multipliedBy(1L << Math.min(shortRuns - 2, 7));
    return doubled.compareTo(LONGEST) > 0 ? LONGEST : doubled;
  }
}
