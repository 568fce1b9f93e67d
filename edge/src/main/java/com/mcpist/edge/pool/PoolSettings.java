package com.mcpist.edge.pool;

import java.time.Duration;

/**
 * The settings for how quickly the pool believes what it sees.
 *
 * @param consecutiveDown the number of failed probes in a row that make an origin unhealthy
 * @param consecutiveUp the number of successful probes in a row that make an origin healthy
 * @param interval the time between the probes of an origin that is healthy
 * @param probeDelay the time to the first probe of a suspect; it doubles with each failed probe
 * @param probeDelayMax the longest time between the probes of an origin that is not healthy
 * @param holdDown the time for which an origin must be healthy after its first failure before it is
 *     preferred again; it doubles with each failure
 * @param holdDownMax the longest such time
 * @param failureWindow the time without a failure after which the hold-down is the base again
 */
public record PoolSettings(
    int consecutiveDown,
    int consecutiveUp,
    Duration interval,
    Duration probeDelay,
    Duration probeDelayMax,
    Duration holdDown,
    Duration holdDownMax,
    Duration failureWindow) {

  public static final PoolSettings DEFAULTS =
      new PoolSettings(
          2,
          3,
          Duration.ofSeconds(30),
          Duration.ofMillis(50),
          Duration.ofMillis(500),
          Duration.ofSeconds(3),
          Duration.ofSeconds(60),
          Duration.ofMinutes(5));

  /** Returns the hold-down after so many failures within the window; the base for no failure. */
  Duration holdDownAfter(int failures) {
    Duration duration = holdDown;
    for (int i = 1; i < failures && duration.compareTo(holdDownMax) < 0; i++) {
      duration = duration.multipliedBy(2);
    }
    return shorter(duration, holdDownMax);
  }

  Duration nextProbeDelay(Duration last) {
    return shorter(last.multipliedBy(2), probeDelayMax);
  }

  private static Duration shorter(Duration a, Duration b) {
    return a.compareTo(b) < 0 ? a : b;
  }
}
