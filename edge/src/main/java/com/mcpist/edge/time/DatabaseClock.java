package com.mcpist.edge.time;

import java.time.Instant;
import java.time.InstantSource;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The time of day in the database, by which deadlines are kept: the last that an origin told, and
 * elapsed time since; the machine's own until then. Safe for all threads.
 */
public final class DatabaseClock implements InstantSource {
  private static final Logger LOG = LoggerFactory.getLogger(DatabaseClock.class);
  private static final long FAR_MILLIS = 30_000;

  private final InstantSource wall;
  private final LongSupplier nanos;
  private volatile @Nullable Long ahead;
  private boolean far;

  /** {@code wall}: the machine's own; {@code nanos}: which only goes forward. */
  public DatabaseClock(InstantSource wall, LongSupplier nanos) {
    this.wall = wall;
    this.nanos = nanos;
  }

  /** Milliseconds of a clock that only goes forward, from no instant in particular. */
  public long elapsed() {
    return nanos.getAsLong() / 1_000_000;
  }

  @Override
  public long millis() {
    Long known = ahead;
    return known == null ? wall.millis() : elapsed() + known;
  }

  @Override
  public Instant instant() {
    return Instant.ofEpochMilli(millis());
  }

  /** An origin has just said what time it is there; 0: it does not say. On one thread only. */
  public void told(long millis) {
    if (millis <= 0) {
      return;
    }
    ahead = millis - elapsed();
    long skew = wall.millis() - millis;
    boolean wasFar = far;
    far = Math.abs(skew) > FAR_MILLIS;
    if (far && !wasFar) {
      LOG.warn("This machine's clock is {} ms ahead of the database's (less than 0: behind)", skew);
    }
  }

  /** By how much the machine's own clock is ahead; null: not known. */
  public @Nullable Long skewMillis() {
    return ahead == null ? null : wall.millis() - millis();
  }
}
