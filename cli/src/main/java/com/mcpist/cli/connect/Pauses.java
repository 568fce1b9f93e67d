package com.mcpist.cli.connect;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** The pauses between attempts: they grow to a second. */
final class Pauses {
  private static final Duration FIRST = Duration.ofMillis(20);
  private static final Duration LONGEST = Duration.ofSeconds(1);

  private final @Nullable Duration limit;
  private final long begun = System.nanoTime();
  private Duration next = FIRST;

  /** {@code limit}: from now on; null for none. */
  Pauses(@Nullable Duration limit) {
    this.limit = limit;
  }

  /**
   * Waits, and as long as the server says.
   *
   * @return whether another attempt may be made: not beyond the limit, nor once interrupted
   */
  boolean await(Duration least) {
    Duration pause = next.compareTo(least) < 0 ? least : next;
    Duration passed = Duration.ofNanos(System.nanoTime() - begun);
    if (limit != null && passed.plus(pause).compareTo(limit) > 0) {
      return false;
    }
    next = next.plus(next).compareTo(LONGEST) < 0 ? next.plus(next) : LONGEST;
    try {
      Thread.sleep(pause);
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
