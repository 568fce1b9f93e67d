package com.mcpist.edge.pool;

import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What the pool knows of one origin.
 *
 * @param drained taken out by an operator
 * @param outage why it is not healthy
 * @param silence why its heartbeat counts as silent; null: it does not
 * @param ups successful probes, and calls that count as such, in a row since it was last healthy
 * @param downs failed probes in a row
 * @param failures real failures, each less than a window after the one before
 * @param failedAt when the last of them was
 * @param heldUntil it is well, but another is preferred until a probe succeeds at or after this
 * @param probeDelay the last delay between probes while it is not well
 * @param nextProbe when it is to be probed next
 */
public record OriginState(
    String name,
    boolean drained,
    Health health,
    Outage outage,
    @Nullable String silence,
    int ups,
    int downs,
    int failures,
    @Nullable Instant failedAt,
    @Nullable Instant heldUntil,
    Duration probeDelay,
    Instant nextProbe,
    @Nullable LastFailure lastFailure) {

  /** What is known of an origin, whether or not it is drained. */
  public enum Health {
    HEALTHY,
    /** Gets no new calls while another origin is healthy; probed at short intervals. */
    SUSPECT,
    /** Failed as many probes in a row as it takes. */
    UNHEALTHY
  }

  /**
   * Why an origin is not healthy, which decides how long it must be well before it is preferred
   * again.
   */
  public enum Outage {
    NONE,
    /** It has not been healthy since the edge started: no hold-down. */
    STARTING,
    /**
     * Only its heartbeat stopped, which may be a false alarm: the base hold-down, and no growth.
     */
    SILENCE,
    /** It said that it stops, or is drained: the base hold-down, and no growth. */
    LEAVING,
    /** A real failure: the hold-down grows. */
    FAILURE
  }

  /** An origin's state as it is shown. */
  public enum Status {
    HEALTHY,
    SUSPECT,
    UNHEALTHY,
    DRAINED;

    /** The name in JSON and in the contract's vectors, as {@code healthy}. */
    public String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  public record LastFailure(Instant at, String reason) {}

  static OriginState starting(String name, PoolSettings settings, Instant now) {
    return new OriginState(
        name,
        false,
        Health.SUSPECT,
        Outage.STARTING,
        null,
        0,
        0,
        0,
        null,
        null,
        settings.probeDelay(),
        now,
        null);
  }

  public Status status() {
    return drained ? Status.DRAINED : Status.valueOf(health.name());
  }

  public boolean usable() {
    return !drained && health == Health.HEALTHY;
  }

  /** Whether it is well but not yet for long enough to be preferred. */
  public boolean held() {
    return heldUntil != null;
  }

  boolean silent() {
    return silence != null;
  }
}
