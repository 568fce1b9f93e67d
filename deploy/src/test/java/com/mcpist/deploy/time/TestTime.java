package com.mcpist.deploy.time;

import com.mcpist.testkit.MutableClock;
import java.time.Duration;
import java.time.Instant;

/** Waiting moves a clock, and is over at once. */
public record TestTime(MutableClock clock) implements Time {
  public static TestTime create() {
    return new TestTime(MutableClock.create());
  }

  @Override
  public Instant now() {
    return clock.instant();
  }

  @Override
  public Instant wall() {
    return clock.instant();
  }

  @Override
  public void sleep(Duration duration) throws InterruptedException {
    if (Thread.interrupted()) {
      throw new InterruptedException();
    }
    clock.advance(duration);
  }

  /** As long as any test needs. */
  public Deadline minutes(int minutes) {
    return Deadline.in(Duration.ofMinutes(minutes), this);
  }
}
