package com.mcpist.edge.pool;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The state of the pool: all origins, in their fixed order.
 *
 * @param active the origin that new calls go to; null if none is healthy
 * @param at the latest instant that was applied; the state never goes back behind it
 */
public record PoolState(
    PoolSettings settings, List<OriginState> origins, @Nullable String active, Instant at) {

  public PoolState {
    origins = List.copyOf(origins);
  }

  /**
   * Returns a pool of which nothing is known yet: every origin is suspect, and to be probed at
   * once.
   */
  public static PoolState starting(List<String> names, PoolSettings settings, Instant now) {
    if (names.isEmpty() || Set.copyOf(names).size() != names.size()) {
      throw new IllegalArgumentException("A pool needs origins, each of another name");
    }
    List<OriginState> origins =
        names.stream().map(name -> OriginState.starting(name, settings, now)).toList();
    return new PoolState(settings, origins, null, now);
  }

  /**
   * Returns the origin of this name.
   *
   * @throws IllegalArgumentException if none has the name
   */
  public OriginState origin(String name) {
    for (OriginState origin : origins) {
      if (origin.name().equals(name)) {
        return origin;
      }
    }
    throw new IllegalArgumentException("No origin is named " + name);
  }

  /**
   * Returns where the next attempt of a call goes: to the active origin or, if the call has tried
   * that, to the first other origin that is usable. An origin that is held down is chosen only if
   * there is no better one.
   */
  public Optional<String> choose(Set<String> tried) {
    if (active != null && !tried.contains(active)) {
      return Optional.of(active);
    }
    return first(origins.stream().filter(o -> !tried.contains(o.name())));
  }

  /** Returns every origin that is not drained, in order. Those that are stopping come last. */
  public List<String> inOrder() {
    return Stream.concat(enabled(false), enabled(true)).toList();
  }

  /** Returns true if no origin would be healthy without this one. */
  public boolean wouldLeaveNone(String drained) {
    return origins.stream().noneMatch(o -> o.usable() && !o.name().equals(drained));
  }

  /**
   * Returns true if an origin's calls in flight are given up, because it is silent and another
   * origin can do them. An origin that announced its stop finishes its calls, heartbeat or not.
   */
  public boolean givenUp(String name) {
    OriginState origin = origin(name);
    return origin.silent()
        && origin.health() != Health.HEALTHY
        && origin.outage() != Outage.LEAVING
        && replaceable(origin);
  }

  /** Returns true if another origin, healthy and not silent, can take an origin's calls. */
  boolean replaceable(OriginState origin) {
    return origins.stream()
        .anyMatch(o -> o.usable() && !o.silent() && !o.name().equals(origin.name()));
  }

  static Optional<String> first(Stream<OriginState> candidates) {
    return candidates
        .filter(OriginState::usable)
        .sorted((a, b) -> Boolean.compare(a.held(), b.held())) // The sort is stable.
        .map(OriginState::name)
        .findFirst();
  }

  PoolState with(OriginState changed) {
    List<OriginState> all =
        origins.stream().map(o -> o.name().equals(changed.name()) ? changed : o).toList();
    return new PoolState(settings, all, active, at);
  }

  private Stream<String> enabled(boolean leaving) {
    return origins.stream()
        .filter(o -> !o.drained() && (o.outage() == Outage.LEAVING) == leaving)
        .map(OriginState::name);
  }

  /**
   * The pool's knowledge of one origin.
   *
   * @param drained true if an operator has taken the origin out
   * @param outage the reason why the origin is not healthy
   * @param silence the reason why the origin's heartbeat counts as silent; null if it does not
   * @param ups the number of successful probes, and of calls that count as such, in a row since the
   *     origin was last healthy
   * @param downs the number of failed probes in a row
   * @param failures the number of real failures, each less than a window after the one before
   * @param failedAt the time of the last real failure
   * @param heldUntil set while the origin is healthy, but another is preferred until a probe
   *     succeeds at or after this time
   * @param probeDelay the last delay between probes while the origin is not healthy
   * @param nextProbe the time at which the origin is to be probed next
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

    /** Returns true if the origin is healthy, but not for long enough yet to be preferred. */
    public boolean held() {
      return heldUntil != null;
    }

    boolean silent() {
      return silence != null;
    }
  }

  /** The health of an origin, whether or not the origin is drained. */
  public enum Health {
    HEALTHY,
    /**
     * The origin gets no new calls while another origin is healthy, and is probed at short
     * intervals.
     */
    SUSPECT,
    /** The origin has failed as many probes in a row as it takes. */
    UNHEALTHY
  }

  /**
   * The reasons why an origin is not healthy. They decide how long it must be healthy to be
   * preferred again.
   */
  public enum Outage {
    NONE,
    /** The origin has not been healthy since the edge started. There is no hold-down. */
    STARTING,
    /**
     * Only the origin's heartbeat stopped, perhaps a false alarm: the base hold-down, and no
     * growth.
     */
    SILENCE,
    /** The origin said that it stops, or is drained: the base hold-down, and no growth. */
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

    /** Returns the name in JSON and in the contract's vectors, such as {@code healthy}. */
    public String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }
}
