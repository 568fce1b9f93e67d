package com.mcpist.edge.pool;

import java.time.Duration;

/**
 * How quickly the pool believes what it sees.
 *
 * @param consecutiveDown failed probes in a row that make an origin unhealthy
 * @param consecutiveUp successful probes in a row that make an origin healthy
 * @param interval time between the probes of an origin that is well
 * @param probeDelay time to the first probe of a suspect; doubles with each failed one
 * @param probeDelayMax longest time between the probes of an origin that is not well
 * @param holdDown how long an origin must be well after its first failure before it is preferred
 *     again; doubles with each failure
 * @param holdDownMax longest such time
 * @param failureWindow time without a failure after which the hold-down is the base again
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

  /** The hold-down after so many failures within the window; the base for none. */
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
