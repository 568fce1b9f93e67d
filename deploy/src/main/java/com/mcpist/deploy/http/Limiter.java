package com.mcpist.deploy.http;

import com.mcpist.deploy.http.Call.Pace;
import com.mcpist.deploy.time.Time;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;

/** Keeps a vendor's limits, so that they need not be told by an error. Used by several threads. */
final class Limiter {
  private final Time time;
  private final Map<String, Instant> next = new HashMap<>();

  Limiter(Time time) {
    this.time = time;
  }

  /**
   * Takes the next turn.
   *
   * @return how long to wait for it
   */
  synchronized Duration take(Pace pace) {
    Instant now = time.now();
    Duration step = Duration.ofNanos((long) (1e9 / pace.perSecond()));
    Duration credit = step.multipliedBy(pace.burst() - 1L);
    Instant earliest = next.getOrDefault(pace.key(), now.minus(credit));
    Instant turn = earliest.isBefore(now.minus(credit)) ? now.minus(credit) : earliest;
    next.put(pace.key(), turn.plus(step));
    Duration wait = Duration.between(now, turn);
    return wait.isNegative() ? Duration.ZERO : wait;
  }
}
