package com.mcpist.pair.process;

import com.mcpist.pair.process.Keeper.Sign;
import java.time.Duration;

/**
 * Since when a process has given no sign of life, and when it was asked last ({@link
 * System#nanoTime}). An ask that came late proves nothing: the machine did not run, and it begins
 * anew. Before it has started a process may refuse connections, but not for ever.
 */
record Silence(boolean started, long since, long asked) {
  /** No process is asked. */
  static final Silence NONE = from(0);

  /** An ask with its wait and its limit, and half as long again. */
  private static final Duration LATE = Duration.ofSeconds(7);

  /** Three asks or more. */
  private static final Duration LIMIT = Duration.ofSeconds(9);

  private static final Duration START_LIMIT = Duration.ofSeconds(60);

  static Silence from(long now) {
    return new Silence(false, now, now);
  }

  Silence after(Sign sign, long now) {
    // One that refuses after it was ready was told to end.
    boolean silent = sign == Sign.NONE || (sign == Sign.REFUSES && !started);
    boolean late = now - asked > LATE.toNanos();
    return new Silence(started || sign == Sign.READY, silent && !late ? since : now, now);
  }

  /** How long it lasts already. */
  long seconds() {
    return Duration.ofNanos(asked - since).toSeconds();
  }

  /** Whether the process hangs. */
  boolean isOver() {
    return asked - since >= (started ? LIMIT : START_LIMIT).toNanos();
  }
}
