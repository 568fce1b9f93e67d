package com.mcpist.edge.pool;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.edge.pool.FailoverRules.Change;
import com.mcpist.edge.pool.FailoverRules.Transition;
import com.mcpist.edge.pool.PoolState.Health;
import com.mcpist.edge.pool.PoolState.OriginState;
import com.mcpist.edge.pool.PoolState.Status;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Tests the properties that hold after any sequence of observations. */
class PoolPropertiesTest {
  private static final String A = "a";
  private static final String B = "b";
  private static final List<String> NAMES = List.of(A, B, "c");
  private static final Instant START = Instant.ofEpochMilli(0);

  /** An observation, and the time in milliseconds since the one before, which may be negative. */
  record Step(int millis, Observation seen) {}

  @Property
  void aDrainedOriginIsNeverChosen(@ForAll("steps") List<Step> steps) {
    replay(
        NAMES,
        steps,
        transition -> {
          PoolState state = transition.state();
          for (Set<String> tried : subsets()) {
            state.choose(tried).ifPresent(o -> assertThat(state.origin(o).drained()).isFalse());
          }
          assertThat(state.inOrder()).allMatch(o -> !state.origin(o).drained());
        });
  }

  @Property
  void anUntriedHealthyOriginIsAlwaysFound(@ForAll("steps") List<Step> steps) {
    replay(
        NAMES,
        steps,
        transition -> {
          PoolState state = transition.state();
          for (Set<String> tried : subsets()) {
            boolean any =
                state.origins().stream()
                    .anyMatch(o -> o.status() == Status.HEALTHY && !tried.contains(o.name()));
            assertThat(state.choose(tried).isPresent()).isEqualTo(any);
          }
        });
  }

  @Property
  void changesTellTheWholeDifference(@ForAll("steps") List<Step> steps) {
    PoolState[] before = {PoolState.starting(NAMES, PoolSettings.DEFAULTS, START)};
    replay(
        NAMES,
        steps,
        transition -> {
          PoolState after = transition.state();
          assertThat(after.at()).isAfterOrEqualTo(before[0].at());
          assertThat(transition.changes().stream().anyMatch(Change.ActiveChanged.class::isInstance))
              .isEqualTo(!Objects.equals(before[0].active(), after.active()));
          for (String name : NAMES) {
            boolean told =
                transition.changes().stream()
                    .anyMatch(c -> c instanceof Change.StatusChanged s && s.origin().equals(name));
            assertThat(told)
                .isEqualTo(before[0].origin(name).status() != after.origin(name).status());
          }
          before[0] = after;
        });
  }

  @Property
  void anOriginIsHealthyOnlyWhenSeenWellOftenEnough(@ForAll("steps") List<Step> steps) {
    Map<String, Integer> well = new HashMap<>();
    PoolState state = PoolState.starting(NAMES, PoolSettings.DEFAULTS, START);
    for (Step step : steps) {
      String name = step.seen().origin();
      switch (step.seen()) {
        case Observation.ProbeUp _, Observation.AttemptSucceeded _ ->
            well.merge(name, 1, Integer::sum);
        case Observation.ProbeDown _, Observation.AttemptFailed _ -> well.put(name, 0);
        default -> {}
      }
      PoolState after = apply(state, step.seen(), step.millis());
      boolean recovered =
          state.origin(name).health() != Health.HEALTHY
              && after.origin(name).health() == Health.HEALTHY;
      if (recovered && !(step.seen() instanceof Observation.HeartbeatResumed)) {
        assertThat(well.getOrDefault(name, 0))
            .isGreaterThanOrEqualTo(PoolSettings.DEFAULTS.consecutiveUp());
      }
      state = after;
    }
  }

  @Property
  void calmBringsEveryOriginBackAndThePrimaryItsTraffic(@ForAll("steps") List<Step> steps) {
    PoolState state = replay(NAMES, steps, _ -> {});
    for (String name : NAMES) {
      state = apply(state, new Observation.Undrain(name), 0);
      state = apply(state, new Observation.HeartbeatResumed(name), 0);
    }
    Instant end = state.at().plus(PoolSettings.DEFAULTS.holdDownMax()).plusSeconds(2);
    state = probeWhenDue(state, end);
    assertThat(state.origins()).allMatch(o -> o.status() == Status.HEALTHY);
    assertThat(state.active()).isEqualTo(A);
  }

  /** The holds 3, 6, 12, 24, 48, 60, 60, 60 s fill 5 minutes, so there is no ninth return. */
  @Property
  void failuresCannotFlapTheTraffic(@ForAll("primarysFailures") List<Step> steps) {
    int returns = returnsToPrimary(steps, Duration.ofMinutes(5));
    assertThat(returns).isLessThanOrEqualTo(9);
  }

  /** Silence adds no hold-down, yet each return follows a base hold-down. */
  @Property
  void silenceCannotFlapTheTrafficFasterThanTheBase(@ForAll("primarysSilences") List<Step> steps) {
    int returns = returnsToPrimary(steps, Duration.ofMinutes(1));
    assertThat(returns).isLessThanOrEqualTo(21);
  }

  @Provide
  Arbitrary<List<Step>> steps() {
    Arbitrary<Observation> observations =
        Combinators.combine(Arbitraries.of(NAMES), Arbitraries.integers().between(0, 12))
            .as(PoolPropertiesTest::observation);
    return Combinators.combine(Arbitraries.integers().between(-100, 4000), observations)
        .as(Step::new)
        .list()
        .ofMaxSize(120);
  }

  @Provide
  Arbitrary<List<Step>> primarysFailures() {
    return Combinators.combine(
            Arbitraries.integers().between(1, 9000),
            Arbitraries.of(
                new Observation.ProbeDown(A, "code 503"),
                new Observation.AttemptFailed(A, "reset"),
                new Observation.HeartbeatEnded(A)))
        .as(Step::new)
        .list()
        .ofMaxSize(200);
  }

  @Provide
  Arbitrary<List<Step>> primarysSilences() {
    return Combinators.combine(
            Arbitraries.integers().between(1, 2000),
            Arbitraries.of(
                new Observation.HeartbeatSilent(A, "no tick"), new Observation.HeartbeatResumed(A)))
        .as(Step::new)
        .list()
        .ofMaxSize(100);
  }

  private static Observation observation(String origin, int kind) {
    return switch (kind) {
      case 0 -> new Observation.ProbeDown(origin, "code 503");
      case 1 -> new Observation.AttemptSucceeded(origin);
      case 2 -> new Observation.AttemptFailed(origin, "reset");
      case 3 -> new Observation.HeartbeatSilent(origin, "no tick");
      case 4 -> new Observation.HeartbeatResumed(origin);
      case 5 -> new Observation.HeartbeatEnded(origin);
      case 6 -> new Observation.Draining(origin);
      case 7 -> new Observation.Drain(origin);
      case 8 -> new Observation.Undrain(origin);
      case 9 -> new Observation.Replaced(origin);
      default -> new Observation.ProbeUp(origin);
    };
  }

  private static PoolState replay(
      List<String> names, List<Step> steps, Consumer<Transition> check) {
    PoolState state = PoolState.starting(names, PoolSettings.DEFAULTS, START);
    for (Step step : steps) {
      Instant at = state.at().plusMillis(step.millis());
      Transition transition = FailoverRules.apply(state, step.seen(), at);
      check.accept(transition);
      state = transition.state();
    }
    return state;
  }

  private static PoolState apply(PoolState state, Observation seen, long millis) {
    return FailoverRules.apply(state, seen, state.at().plusMillis(millis)).state();
  }

  /** Applies successful probes of every origin, each when it is due, up to an instant. */
  private static PoolState probeWhenDue(PoolState from, Instant end) {
    PoolState state = from;
    while (true) {
      OriginState next =
          state.origins().stream()
              .min((a, b) -> a.nextProbe().compareTo(b.nextProbe()))
              .orElseThrow();
      if (next.nextProbe().isAfter(end)) {
        return state;
      }
      state =
          FailoverRules.apply(state, new Observation.ProbeUp(next.name()), next.nextProbe())
              .state();
    }
  }

  /**
   * Returns how often the traffic comes back to the primary. Between the steps, all probes succeed.
   */
  private static int returnsToPrimary(List<Step> steps, Duration horizon) {
    PoolState state = PoolState.starting(List.of(A, B), PoolSettings.DEFAULTS, START);
    state = probeWhenDue(state, START.plusMillis(500));
    Instant end = state.at().plus(horizon);
    int returns = 0;
    for (Step step : steps) {
      Instant at = state.at().plusMillis(step.millis());
      if (at.isAfter(end)) {
        break;
      }
      boolean away = !A.equals(state.active());
      state = probeWhenDue(state, at);
      returns += away && A.equals(state.active()) ? 1 : 0;
      state = FailoverRules.apply(state, step.seen(), at).state();
    }
    return returns;
  }

  private static Set<Set<String>> subsets() {
    Set<Set<String>> all = new HashSet<>();
    for (int bits = 0; bits < 1 << NAMES.size(); bits++) {
      Set<String> subset = new HashSet<>();
      for (int i = 0; i < NAMES.size(); i++) {
        if ((bits >> i & 1) == 1) {
          subset.add(NAMES.get(i));
        }
      }
      all.add(subset);
    }
    return all;
  }
}
