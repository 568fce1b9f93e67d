package com.mcpist.edge.pool;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** The whole decision: state, observation and instant in; state and what it changed out. */
public final class FailoverRules {
  private FailoverRules() {}

  /** The state after an observation, and what that changed. */
  public record Transition(PoolState state, List<Change> changes) {
    public Transition {
      changes = List.copyOf(changes);
    }
  }

  /**
   * Applies one observation.
   *
   * @param now when it was made; an instant before the state's own counts as the state's
   * @throws IllegalArgumentException no origin has the observation's name
   */
  public static Transition apply(PoolState before, Observation seen, Instant now) {
    Instant at = now.isBefore(before.at()) ? before.at() : now;
    OriginRules rules = new OriginRules(before.settings(), at);
    Draft draft = new Draft(before.origin(seen.origin()));
    observe(rules, before, draft, seen);
    PoolState settled = settleSilence(rules, before.with(draft.state()));
    PoolState after =
        new PoolState(before.settings(), settled.origins(), active(settled).orElse(null), at);
    return new Transition(after, changes(before, after, seen));
  }

  private static void observe(OriginRules rules, PoolState before, Draft origin, Observation seen) {
    switch (seen) {
      case Observation.ProbeUp _ -> {
        OriginState was = before.origin(seen.origin());
        rules.probeUp(origin, was.silent() && before.replaceable(was));
      }
      case Observation.ProbeDown down -> rules.probeDown(origin, down.reason());
      case Observation.AttemptFailed failed -> rules.attemptFailed(origin, failed.reason());
      case Observation.AttemptSucceeded _ -> {
        if (countsAsProbe(before, origin)) {
          rules.callSucceeded(origin);
        }
      }
      case Observation.HeartbeatSilent silent -> rules.heartbeatSilent(origin, silent.reason());
      case Observation.HeartbeatResumed _ -> rules.heartbeatResumed(origin);
      case Observation.HeartbeatEnded _ -> rules.heartbeatEnded(origin);
      case Observation.Replaced _ -> rules.replaced(origin);
      case Observation.Draining _ -> rules.draining(origin);
      case Observation.Drain _ -> origin.drained = true;
      case Observation.Undrain _ -> origin.drained = false;
    }
  }

  /**
   * A call that succeeds counts only while no origin is healthy: where another one is, it may be a
   * late answer from before the failure.
   */
  private static boolean countsAsProbe(PoolState before, Draft origin) {
    return origin.health != Health.HEALTHY
        && origin.outage != Outage.LEAVING
        && !origin.drained
        && before.origins().stream().noneMatch(OriginState::usable);
  }

  /**
   * A silent origin is suspect only while another one, not silent, can take its calls: when all are
   * silent it is more likely the edge, its network, or the database that they share.
   */
  private static PoolState settleSilence(OriginRules rules, PoolState state) {
    PoolState settled = state;
    for (OriginState origin : state.origins()) {
      if (origin.silent() && origin.health() == Health.HEALTHY && state.replaceable(origin)) {
        Draft draft = new Draft(origin);
        rules.distrust(draft);
        settled = settled.with(draft.state());
      }
    }
    return settled;
  }

  /**
   * Traffic stays where it is until that origin fails, or an earlier one has served its hold-down.
   */
  private static Optional<String> active(PoolState state) {
    for (OriginState origin : state.origins()) {
      if (origin.usable() && (!origin.held() || origin.name().equals(state.active()))) {
        return Optional.of(origin.name());
      }
    }
    return PoolState.first(state.origins().stream());
  }

  private static List<Change> changes(PoolState before, PoolState after, Observation seen) {
    List<Change> changes = new ArrayList<>();
    for (int i = 0; i < after.origins().size(); i++) {
      OriginState was = before.origins().get(i);
      OriginState is = after.origins().get(i);
      if (was.status() != is.status()) {
        changes.add(new Change.StatusChanged(is.name(), was.status(), is.status(), why(is, seen)));
      }
      String silence = is.silence();
      if (silence != null && after.givenUp(is.name()) && !before.givenUp(is.name())) {
        changes.add(new Change.GivenUp(is.name(), silence));
      }
    }
    if (!Objects.equals(before.active(), after.active())) {
      changes.add(new Change.ActiveChanged(before.active(), after.active()));
    }
    return changes;
  }

  private static String why(OriginState changed, Observation seen) {
    String silence = changed.silence();
    boolean own = changed.name().equals(seen.origin());
    return own || silence == null ? seen.reason() : silence;
  }
}
