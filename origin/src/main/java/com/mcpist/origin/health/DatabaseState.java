package com.mcpist.origin.health;

import java.time.Duration;

/**
 * What is known of the database.
 *
 * @param answering whether the last ping was answered
 * @param answeredAtNanos when the last one was answered, by {@link System#nanoTime()}
 * @param latencyMillis how long that took
 */
record DatabaseState(boolean answering, long answeredAtNanos, long latencyMillis) {
  /** An answer that takes longer counts as none. */
  static final Duration PING_LIMIT = Duration.ofSeconds(3);

  /** What the heartbeat calls "just now". */
  static final Duration RECENTLY = Duration.ofSeconds(1);

  static DatabaseState unknown(long nowNanos) {
    return new DatabaseState(false, nowNanos, 0);
  }

  DatabaseState answered(long askedNanos, long nowNanos) {
    return new DatabaseState(true, nowNanos, Duration.ofNanos(nowNanos - askedNanos).toMillis());
  }

  DatabaseState silent() {
    return new DatabaseState(false, answeredAtNanos, latencyMillis);
  }

  /** Whether a ping now would be answered within its limit, as far as one can know. */
  boolean healthy(long nowNanos) {
    return answering && nowNanos - answeredAtNanos <= PING_LIMIT.toNanos();
  }

  /** Whether the database has answered within the last second. */
  boolean answeredRecently(long nowNanos) {
    return answering && nowNanos - answeredAtNanos <= RECENTLY.toNanos();
  }
}
