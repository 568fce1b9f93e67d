package com.mcpist.pair.process;

import com.mcpist.pair.process.Keeper.Sign;
import java.time.Duration;

/**
 * Since when a process has given no sign of life, and when it was asked last, both as {@link
 * System#nanoTime} tells. Where an ask came late, the supervisor or the whole machine did not run,
 * which proves nothing: it begins anew.
 *
 * @param started whether it was ready; before that it may refuse connections, but not for ever
 * @param refused whether it has refused connections since then
 */
record Silence(boolean started, boolean refused, long since, long asked) {
  static final Silence NONE = from(0);

  /** An ask with its wait and its limit, and half as long again. */
  private static final Duration LATE = Duration.ofSeconds(7);

  /** Three asks or more. */
  private static final Duration LIMIT = Duration.ofSeconds(9);

  private static final Duration START_LIMIT = Duration.ofSeconds(60);

  static Silence from(long now) {
    return new Silence(false, false, now, now);
  }

  Silence after(Sign sign, long now) {
    boolean late = now - asked > LATE.toNanos();
    boolean silent = !late && (sign == Sign.NONE || sign == Sign.REFUSES);
    boolean refuses = silent && (refused || sign == Sign.REFUSES);
    return new Silence(started || sign == Sign.READY, refuses, silent ? since : now, now);
  }

  long seconds() {
    return Duration.ofNanos(asked - since).toSeconds();
  }

  /** Whether the process hangs, which may take so long to stop. */
  boolean isOver(Duration stopLimit) {
    // One that refuses after it was ready was told to end.
    Duration limit = !started ? START_LIMIT : refused ? LIMIT.plus(stopLimit) : LIMIT;
    return asked - since >= limit.toNanos();
  }
}
