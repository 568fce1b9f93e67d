package com.mcpist.deploy.time;

import module java.base;

/** One that is called off has passed. */
public record Deadline(Time time, Instant end, Duration length, BooleanSupplier calledOff) {
  public static Deadline in(Duration length, Time time) {
    return new Deadline(time, time.now().plus(length), length, () -> false);
  }

  public Deadline unless(BooleanSupplier cause) {
    return new Deadline(time, end, length, cause);
  }

  /** Another one, from now on, however much is left of this one: for a last look. */
  public Deadline another(Duration duration) {
    return in(duration, time);
  }

  public Duration remaining() {
    Duration left = Duration.between(time.now(), end);
    return left.isNegative() || calledOff.getAsBoolean() ? Duration.ZERO : left;
  }

  public boolean passed() {
    return remaining().isZero();
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
