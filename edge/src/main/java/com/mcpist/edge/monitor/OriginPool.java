package com.mcpist.edge.monitor;

import com.mcpist.edge.pool.Change;
import com.mcpist.edge.pool.FailoverRules;
import com.mcpist.edge.pool.FailoverRules.Transition;
import com.mcpist.edge.pool.Failure;
import com.mcpist.edge.pool.Health;
import com.mcpist.edge.pool.Observation;
import com.mcpist.edge.pool.Origin;
import com.mcpist.edge.pool.Origins;
import com.mcpist.edge.pool.PoolSettings;
import com.mcpist.edge.pool.PoolState;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The pool's one state, which every thread reads as a snapshot and changes by compare-and-set, and
 * those who act on what changes. Safe for all threads.
 */
public final class OriginPool implements Origins {
  private static final Logger LOG = LoggerFactory.getLogger(OriginPool.class);

  private final Map<String, Origin> origins = new LinkedHashMap<>();
  private final Map<String, InFlightCalls> inFlight = new LinkedHashMap<>();
  private final WaitingCalls waiting;
  private final InstantSource clock;
  private final AtomicReference<PoolState> state;
  private final List<Runnable> watchers = new CopyOnWriteArrayList<>();

  /**
   * @param origins in the order of preference
   * @param clock which never goes back
   */
  public OriginPool(Vertx vertx, List<Origin> origins, PoolSettings settings, InstantSource clock) {
    for (Origin origin : origins) {
      this.origins.put(origin.name(), origin);
      inFlight.put(origin.name(), new InFlightCalls(vertx));
    }
    List<String> names = origins.stream().map(Origin::name).toList();
    this.waiting = new WaitingCalls(vertx);
    this.clock = clock;
    this.state = new AtomicReference<>(PoolState.starting(names, settings, clock.instant()));
  }

  /** The state now. */
  public PoolState state() {
    return state.get();
  }

  /** In the order of preference. */
  public List<Origin> origins() {
    return List.copyOf(origins.values());
  }

  /** Has {@code watcher} run, on any thread, after each change of the state. */
  void watch(Runnable watcher) {
    watchers.add(watcher);
  }

  /** Applies an observation, and acts on what it changed. */
  public void observe(Observation seen) {
    while (!apply(state.get(), seen)) {
      // Another thread was faster.
    }
    follow(seen);
  }

  private boolean apply(PoolState before, Observation seen) {
    Transition transition = FailoverRules.apply(before, seen, clock.instant());
    if (!state.compareAndSet(before, transition.state())) {
      return false;
    }
    act(transition);
    return true;
  }

  /** Does what an observation means whatever the state. */
  private void follow(Observation seen) {
    if (seen instanceof Observation.ProbeUp) {
      // It may not count as healthy yet, but a call that waits has nothing better to try.
      waiting.wake();
    } else if (seen instanceof Observation.Replaced) {
      int calls = inFlight(seen.origin()).replaced();
      LOG.info("origin {}: {}, {} calls finish there", seen.origin(), seen.reason(), calls);
    }
  }

  /**
   * Drains an origin.
   *
   * @param force also where no healthy origin is left
   * @return false, and nothing done, where none would be left
   */
  public boolean drain(String name, boolean force) {
    while (true) {
      PoolState before = state.get();
      boolean already = before.origin(name).drained();
      if (!already && !force && before.wouldLeaveNone(name)) {
        return false;
      }
      if (apply(before, new Observation.Drain(name))) {
        return true;
      }
    }
  }

  private void act(Transition transition) {
    for (Change change : transition.changes()) {
      switch (change) {
        case Change.StatusChanged c ->
            LOG.info(
                "origin {}: {} -> {}: {}", c.origin(), c.from().label(), c.to().label(), c.why());
        case Change.ActiveChanged c ->
            LOG.info("calls go to {}, before to {}", or(c.to()), or(c.from()));
        case Change.GivenUp c -> {
          int calls = inFlight(c.origin()).giveUp();
          LOG.info("origin {}: {} calls in flight given up: {}", c.origin(), calls, c.why());
        }
      }
    }
    if (transition.state().active() != null) {
      waiting.wake();
    }
    watchers.forEach(Runnable::run);
  }

  private static String or(@Nullable String origin) {
    return origin == null ? "none in particular" : origin;
  }

  @Override
  public Optional<Origin> choose(Set<String> tried) {
    return state.get().choose(tried).map(this::named);
  }

  @Override
  public List<Origin> inOrder() {
    return state.get().inOrder().stream().map(this::named).toList();
  }

  @Override
  public void awaitHealthy(Duration limit, Runnable then) {
    waiting.register(limit, then);
    if (state.get().active() != null) {
      waiting.wake(); // it became healthy between the caller's look and the registration
    }
  }

  @Override
  public void failed(Origin origin, Failure failure, String detail) {
    if (!failure.sentence().isEmpty()) {
      String reason = failure.sentence() + " (" + detail + ")";
      observe(new Observation.AttemptFailed(origin.name(), reason));
    }
  }

  @Override
  public void succeeded(Origin origin) {
    if (state.get().origin(origin.name()).health() != Health.HEALTHY) {
      observe(new Observation.AttemptSucceeded(origin.name()));
    }
  }

  @Override
  public InFlight inFlight(Origin origin, Runnable onLost) {
    InFlightCalls calls = inFlight(origin.name());
    InFlight call = calls.register(onLost);
    if (state.get().givenUp(origin.name())) {
      calls.giveUp(); // it was given up between the caller's choice and the registration
    }
    return call;
  }

  private Origin named(String name) {
    return Objects.requireNonNull(origins.get(name));
  }

  private InFlightCalls inFlight(String name) {
    return Objects.requireNonNull(inFlight.get(name), name);
  }
}
