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
 * All origins, in their fixed order.
 *
 * @param active the origin that new calls go to; null when none is healthy
 * @param at the latest instant that was applied; the state never goes back behind it
 */
public record PoolState(
    PoolSettings settings, List<OriginState> origins, @Nullable String active, Instant at) {

  public PoolState {
    origins = List.copyOf(origins);
  }

  /** A pool of which nothing is known yet: every origin is suspect, and to be probed at once. */
  public static PoolState starting(List<String> names, PoolSettings settings, Instant now) {
    if (names.isEmpty() || Set.copyOf(names).size() != names.size()) {
      throw new IllegalArgumentException("A pool needs origins, each of another name");
    }
    List<OriginState> origins =
        names.stream().map(name -> OriginState.starting(name, settings, now)).toList();
    return new PoolState(settings, origins, null, now);
  }

  /** Fails with an IllegalArgumentException where none has the name. */
  public OriginState origin(String name) {
    for (OriginState origin : origins) {
      if (origin.name().equals(name)) {
        return origin;
      }
    }
    throw new IllegalArgumentException("No origin is named " + name);
  }

  /**
   * Where the next attempt of a call goes: the active origin; or, where the call has tried that,
   * the first other one that is usable, one that is held down only for want of a better one.
   */
  public Optional<String> choose(Set<String> tried) {
    if (active != null && !tried.contains(active)) {
      return Optional.of(active);
    }
    return first(origins.stream().filter(o -> !tried.contains(o.name())));
  }

  /** Every origin that is not drained, in order; those that are stopping come last. */
  public List<String> inOrder() {
    return Stream.concat(enabled(false), enabled(true)).toList();
  }

  /** Whether, without this origin, none would be healthy. */
  public boolean wouldLeaveNone(String drained) {
    return origins.stream().noneMatch(o -> o.usable() && !o.name().equals(drained));
  }

  /**
   * Whether its calls in flight are given up: it is silent, and another can do them. One that
   * announced its stop finishes its calls, heartbeat or not.
   */
  public boolean givenUp(String name) {
    OriginState origin = origin(name);
    return origin.silent()
        && origin.health() != Health.HEALTHY
        && origin.outage() != Outage.LEAVING
        && replaceable(origin);
  }

  /** Whether another origin, healthy and not silent, can take its calls. */
  boolean replaceable(OriginState origin) {
    return origins.stream()
        .anyMatch(o -> o.usable() && !o.silent() && !o.name().equals(origin.name()));
  }

  static Optional<String> first(Stream<OriginState> candidates) {
    return candidates
        .filter(OriginState::usable)
        .sorted((a, b) -> Boolean.compare(a.held(), b.held())) // stable: the order stays
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

  /** What is known of an origin, whether or not it is drained. */
  public enum Health {
    HEALTHY,
    /** Gets no new calls while another origin is healthy; probed at short intervals. */
    SUSPECT,
    /** Failed as many probes in a row as it takes. */
    UNHEALTHY
  }

  /** Why an origin is not healthy: how long must it be well to be preferred again? */
  public enum Outage {
    NONE,
    /** It has not been healthy since the edge started: no hold-down. */
    STARTING,
    /** Only its heartbeat stopped, perhaps a false alarm: the base hold-down, and no growth. */
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
}
