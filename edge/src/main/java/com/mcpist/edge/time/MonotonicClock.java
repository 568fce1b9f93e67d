package com.mcpist.edge.time;

import java.time.Instant;
import java.time.InstantSource;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The time of day when it was made, or in the database as it was last told, and from then on
 * elapsed time: a jump of the machine's clock changes nothing. Safe for all threads.
 */
public final class MonotonicClock implements InstantSource {
  private static final Logger LOG = LoggerFactory.getLogger(MonotonicClock.class);
  private static final long FAR_MILLIS = 30_000;

  private final InstantSource machine;
  private final LongSupplier nanos;
  private volatile long ahead;
  private volatile boolean told;
  private boolean far;

  public MonotonicClock() {
    this(InstantSource.system(), System::nanoTime);
  }

  public MonotonicClock(InstantSource machine, LongSupplier nanos) {
    this.machine = machine;
    this.nanos = nanos;
    this.ahead = machine.millis() - nanos.getAsLong() / 1_000_000;
  }

  /** Milliseconds from no instant in particular, which no telling changes. */
  public long elapsed() {
    return nanos.getAsLong() / 1_000_000;
  }

  @Override
  public Instant instant() {
    return Instant.ofEpochMilli(elapsed() + ahead);
  }

  /** An origin has just told the database's time; 0: it does not tell. On one thread only. */
  public void tell(long millis) {
    if (millis <= 0) {
      return;
    }
    ahead = millis - elapsed();
    told = true;
    long skew = machine.millis() - millis;
    if (Math.abs(skew) > FAR_MILLIS && !far) {
      LOG.warn("This machine's clock is {} ms ahead of the database's (less than 0: behind)", skew);
    }
    far = Math.abs(skew) > FAR_MILLIS;
  }

  /** By how much the machine's clock is ahead of the database's; null: not known. */
  public @Nullable Long skewMillis() {
    return told ? machine.millis() - millis() : null;
  }
}
