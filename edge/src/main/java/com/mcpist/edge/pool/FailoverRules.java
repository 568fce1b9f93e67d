package com.mcpist.edge.pool;

import com.mcpist.edge.pool.PoolState.Health;
import com.mcpist.edge.pool.PoolState.OriginState;
import com.mcpist.edge.pool.PoolState.OriginState.LastFailure;
import com.mcpist.edge.pool.PoolState.Outage;
import com.mcpist.edge.pool.PoolState.Status;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Decides which origin is active. The rules take a state, an observation and an instant, and return
 * the new state and what changed in it. {@link PoolState#choose} decides where one attempt of a
 * call goes.
 */
public final class FailoverRules {
  private FailoverRules() {}

  public record Transition(PoolState state, List<Change> changes) {}

  /**
   * A change that an observation has caused, for the parties that act on it: logs, waiters, calls
   * in flight.
   */
  public sealed interface Change {
    record StatusChanged(String origin, Status from, Status to, String why) implements Change {}

    /** New calls go to another origin. {@code to} is null if they go to none in particular. */
    record ActiveChanged(@Nullable String from, @Nullable String to) implements Change {}

    /** The calls in flight at this origin are to be given up, because others can do them. */
    record GivenUp(String origin, String why) implements Change {}
  }

  /**
   * Applies one observation. An instant before the state's own counts as the state's.
   *
   * @throws IllegalArgumentException if no origin has the observation's name
   */
  public static Transition apply(PoolState before, Observation seen, Instant now) {
    Instant at = now.isBefore(before.at()) ? before.at() : now;
    OriginState was = before.origin(seen.origin());
    Draft origin = new Draft(was, before.settings(), at);
    switch (seen) {
      case Observation.ProbeUp _ -> origin.probeUp(was.silent() && before.replaceable(was));
      case Observation.ProbeDown down -> origin.probeDown(down.reason());
      case Observation.AttemptFailed failed -> origin.attemptFailed(failed.reason());
      case Observation.AttemptSucceeded _ -> {
        if (countsAsProbe(before, was)) {
          origin.callSucceeded();
        }
      }
      case Observation.HeartbeatSilent silent -> origin.heartbeatSilent(silent.reason());
      case Observation.HeartbeatResumed _ -> origin.heartbeatResumed();
      case Observation.HeartbeatEnded _ -> origin.heartbeatEnded();
      case Observation.Replaced _ -> origin.replaced();
      case Observation.Draining _ -> origin.draining();
      case Observation.Drain _ -> origin.drained = true;
      case Observation.Undrain _ -> origin.drained = false;
    }
    PoolState settled = settleSilence(before.with(origin.state()), at);
    PoolState after =
        new PoolState(before.settings(), settled.origins(), active(settled).orElse(null), at);
    return new Transition(after, changes(before, after, seen));
  }

  /**
   * Returns true if a call that succeeds counts as a probe. It counts only while no origin is
   * healthy. If another origin is healthy, it may be a late answer from before the failure.
   */
  private static boolean countsAsProbe(PoolState before, OriginState origin) {
    return origin.health() != Health.HEALTHY
        && origin.outage() != Outage.LEAVING
        && !origin.drained()
        && before.origins().stream().noneMatch(OriginState::usable);
  }

  /**
   * Makes silent origins suspect. A silent origin is suspect only while another origin that is not
   * silent can take its calls. If all are silent, the cause is more likely the edge, its network,
   * or the database that they share.
   */
  private static PoolState settleSilence(PoolState state, Instant now) {
    PoolState settled = state;
    for (OriginState origin : state.origins()) {
      if (origin.silent() && origin.health() == Health.HEALTHY && state.replaceable(origin)) {
        Draft draft = new Draft(origin, state.settings(), now);
        draft.suspect();
        draft.outage = Outage.SILENCE;
        settled = settled.with(draft.state());
      }
    }
    return settled;
  }

  /**
   * Returns the active origin. It stays as it is until that origin fails, or an earlier one has
   * served its hold-down.
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
      String silence = is.silence();
      if (was.status() != is.status()) {
        boolean own = is.name().equals(seen.origin());
        String why = own || silence == null ? seen.reason() : silence;
        changes.add(new Change.StatusChanged(is.name(), was.status(), is.status(), why));
      }
      if (silence != null && after.givenUp(is.name()) && !before.givenUp(is.name())) {
        changes.add(new Change.GivenUp(is.name(), silence));
      }
    }
    if (!Objects.equals(before.active(), after.active())) {
      changes.add(new Change.ActiveChanged(before.active(), after.active()));
    }
    return changes;
  }

  /**
   * An origin's state while one observation is applied to it, with the effect of each observation.
   */
  private static final class Draft {
    private final OriginState from;
    private final PoolSettings settings;
    private final Instant now;
    private boolean drained;
    private Health health;
    private Outage outage;
    private @Nullable String silence;
    private int ups;
    private int downs;
    private int failures;
    private @Nullable Instant failedAt;
    private @Nullable Instant heldUntil;
    private Duration probeDelay;
    private Instant nextProbe;
    private @Nullable LastFailure lastFailure;

    Draft(OriginState from, PoolSettings settings, Instant now) {
      this.from = from;
      this.settings = settings;
      this.now = now;
      drained = from.drained();
      health = from.health();
      outage = from.outage();
      silence = from.silence();
      ups = from.ups();
      downs = from.downs();
      failures = from.failures();
      failedAt = from.failedAt();
      heldUntil = from.heldUntil();
      probeDelay = from.probeDelay();
      nextProbe = from.nextProbe();
      lastFailure = from.lastFailure();
    }

    OriginState state() {
      return new OriginState(
          from.name(),
          drained,
          health,
          outage,
          silence,
          ups,
          downs,
          failures,
          failedAt,
          heldUntil,
          probeDelay,
          nextProbe,
          lastFailure);
    }

    /**
     * @param distrusted true if the origin's heartbeat is silent and another origin can do its
     *     work. Then /health may well be answered by a process that no longer runs calls.
     */
    void probeUp(boolean distrusted) {
      downs = 0;
      ups++;
      boolean enough = ups >= settings.consecutiveUp();
      if (health == Health.HEALTHY) {
        if (heldUntil != null && !now.isBefore(heldUntil)) {
          heldUntil = null;
        }
      } else if (enough && !distrusted) {
        recover();
      }
      probeDelay =
          enough && distrusted ? settings.nextProbeDelay(probeDelay) : settings.probeDelay();
      nextProbe = nextProbeAfterSuccess();
    }

    private Instant nextProbeAfterSuccess() {
      if (health != Health.HEALTHY) {
        return now.plus(probeDelay);
      }
      if (heldUntil == null) {
        return now.plus(settings.interval());
      }
      // An origin must be watched to be healthy steadily: a hold-down with a single probe at its
      // end would prove little.
      Instant soon = now.plus(settings.probeDelayMax());
      return soon.isBefore(heldUntil) ? soon : heldUntil;
    }

    void probeDown(String reason) {
      lastFailure = new LastFailure(now, reason);
      ups = 0;
      downs++;
      if (health != Health.HEALTHY) {
        probeDelay = settings.nextProbeDelay(probeDelay);
      } else if (heldUntil != null) {
        heldUntil = now.plus(settings.holdDownAfter(failures));
      }
      if (downs >= settings.consecutiveDown()) {
        fail();
        health = Health.UNHEALTHY;
      }
      nextProbe = now.plus(probeDelay);
    }

    /** Does the same as a successful probe, but does not move the next probe. */
    void callSucceeded() {
      downs = 0;
      ups++;
      if (ups >= settings.consecutiveUp()) {
        recover();
      }
    }

    void attemptFailed(String reason) {
      lastFailure = new LastFailure(now, reason);
      ups = 0;
      if (health == Health.HEALTHY) {
        suspect();
      }
      fail();
    }

    /** Counts an outage as a failure, once, unless it was announced or nothing was expected yet. */
    private void fail() {
      if (outage != Outage.NONE && outage != Outage.SILENCE) {
        return;
      }
      if (drained) {
        outage = Outage.LEAVING;
        return;
      }
      outage = Outage.FAILURE;
      boolean recent = failedAt != null && now.isBefore(failedAt.plus(settings.failureWindow()));
      failures = recent ? failures + 1 : 1;
      failedAt = now;
    }

    void heartbeatResumed() {
      silence = null;
      if (outage == Outage.SILENCE) {
        recover();
        nextProbe = nextProbeAfterSuccess();
      }
    }

    void heartbeatEnded() {
      if (health == Health.HEALTHY && now.isBefore(nextProbe)) {
        nextProbe = now;
      }
    }

    /**
     * Goes on as the origin is. What was found of the process before is not held against this one.
     */
    void replaced() {
      if (health == Health.HEALTHY) {
        downs = 0;
        nextProbe = now;
      }
    }

    void draining() {
      if (health == Health.HEALTHY) {
        suspect();
      }
      if (outage == Outage.NONE || outage == Outage.SILENCE) {
        outage = Outage.LEAVING;
      }
    }

    void heartbeatSilent(String reason) {
      silence = reason;
      lastFailure = new LastFailure(now, reason);
    }

    void suspect() {
      health = Health.SUSPECT;
      ups = 0;
      downs = 0;
      probeDelay = settings.probeDelay();
      nextProbe = now.plus(probeDelay);
    }

    /** Makes the origin healthy. How long it is held down depends on what it recovers from. */
    private void recover() {
      heldUntil =
          switch (outage) {
            case NONE, STARTING -> heldUntil;
            case SILENCE, LEAVING -> later(heldUntil, now.plus(settings.holdDown()));
            case FAILURE -> now.plus(settings.holdDownAfter(failures));
          };
      health = Health.HEALTHY;
      outage = Outage.NONE;
      ups = 0;
      downs = 0;
    }

    private static Instant later(@Nullable Instant a, Instant b) {
      return a != null && a.isAfter(b) ? a : b;
    }
  }
}
