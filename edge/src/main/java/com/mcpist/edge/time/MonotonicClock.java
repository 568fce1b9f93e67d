package com.mcpist.edge.time;

import java.time.Instant;
import java.time.InstantSource;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A clock that starts at the time of day when it was made, or at the database's time as it was last
 * told, and from then on adds elapsed time. So a jump of the machine's clock changes nothing. Safe
 * for all threads.
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

  /** Returns milliseconds since no instant in particular. Telling the time does not change them. */
  public long elapsed() {
    return nanos.getAsLong() / 1_000_000;
  }

  @Override
  public Instant instant() {
    return Instant.ofEpochMilli(elapsed() + ahead);
  }

  /**
   * Notes the database's time, which an origin has just told; 0 if the origin does not tell it.
   * Must be called on one thread only.
   */
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

  /**
   * Returns the milliseconds by which the machine's clock is ahead of the database's; null if not
   * known.
   */
  public @Nullable Long skewMillis() {
    return told ? machine.millis() - millis() : null;
  }
}
