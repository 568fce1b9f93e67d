package com.mcpist.origin.mount.client;

import java.time.Duration;

/**
 * How fast a server sends a large message: whether it has taken longer than the least rate allows.
 * Only the time in which its bytes are waited for counts. Times are those of System.nanoTime.
 */
final class Pace {
  /** In bytes a second: 4 MiB take 64 s at most, beside the grace. */
  static final int LEAST_RATE = 64 * 1024;

  static final Duration GRACE = Duration.ofSeconds(10);

  private static final double NANOS = 1e9;

  private long bytes;
  private long waited;
  private long since;
  private boolean waiting;

  /** Bytes are waited for from now on. */
  synchronized void waits(long now) {
    since = now;
    waiting = true;
  }

  /** So many bytes have come. */
  synchronized void comes(int some, long now) {
    waited += now - since;
    waiting = false;
    bytes += some;
  }

  synchronized boolean isTooSlow(long now) {
    long all = waited + (waiting ? now - since : 0);
    return all > GRACE.toNanos() + NANOS * bytes / LEAST_RATE;
  }
}
