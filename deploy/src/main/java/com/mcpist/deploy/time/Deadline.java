package com.mcpist.deploy.time;

import java.time.Duration;
import java.time.Instant;

/** Until when something may take. Several calls can share one. */
public final class Deadline {
  private final Time time;
  private final Instant end;
  private final Duration length;

  private Deadline(Time time, Duration length) {
    this.time = time;
    this.end = time.now().plus(length);
    this.length = length;
  }

  /** From now on, so long. */
  public static Deadline in(Duration length, Time time) {
    return new Deadline(time, length);
  }

  /** Another one, from now on, however much is left of this one: for a last look. */
  public Deadline another(Duration duration) {
    return new Deadline(time, duration);
  }

  /** How long is left; zero when nothing is. */
  public Duration remaining() {
    Duration left = Duration.between(time.now(), end);
    return left.isNegative() ? Duration.ZERO : left;
  }

  /** Whether nothing is left. */
  public boolean passed() {
    return remaining().isZero();
  }

  /** How long it was when it was set, for messages. */
  public Duration length() {
    return length;
  }

  /** So long, or as long as is left where that is less. */
  public Duration atMost(Duration duration) {
    Duration left = remaining();
    return left.compareTo(duration) < 0 ? left : duration;
  }

  /** Waits so long, or as long as is left. */
  public void sleep(Duration duration) throws InterruptedException {
    Duration pause = atMost(duration);
    if (!pause.isZero()) {
      time.sleep(pause);
    }
  }
}
