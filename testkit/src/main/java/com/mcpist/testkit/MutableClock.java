package com.mcpist.testkit;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.concurrent.atomic.AtomicReference;

/** A clock that stands still until a test moves it. Safe for use by several threads. */
public final class MutableClock extends Clock {

  private final AtomicReference<Instant> now;
  private final ZoneId zone;

  private MutableClock(AtomicReference<Instant> now, ZoneId zone) {
    this.now = now;
    this.zone = zone;
  }

  public static MutableClock at(Instant start) {
    return new MutableClock(new AtomicReference<>(start), ZoneOffset.UTC);
  }

  /** A clock at some fixed instant that is not 1970, so that an unset time is seen as such. */
  public static MutableClock create() {
    return at(Instant.parse("2026-11-25T00:00:00Z"));
  }

  /** A negative duration sets it back, as a machine's clock can be. */
  public void advance(Duration by) {
    now.updateAndGet(instant -> instant.plus(by));
  }

  public void set(Instant instant) {
    now.set(instant);
  }

  /**
   * For code that measures with {@link System#nanoTime()}: it moves with the clock. Its origin is
   * the epoch.
   */
  public long nanoTime() {
    Instant instant = now.get();
    return instant.getEpochSecond() * 1_000_000_000L + instant.getNano();
  }

  @Override
  public Instant instant() {
    return now.get();
  }

  @Override
  public ZoneId getZone() {
    return zone;
  }

  @Override
  public MutableClock withZone(ZoneId other) {
    return new MutableClock(now, other);
  }
}
