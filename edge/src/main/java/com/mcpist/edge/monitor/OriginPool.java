package com.mcpist.edge.monitor;

import com.mcpist.edge.pool.FailoverRules;
import com.mcpist.edge.pool.FailoverRules.Change;
import com.mcpist.edge.pool.FailoverRules.Transition;
import com.mcpist.edge.pool.Observation;
import com.mcpist.edge.pool.Origin;
import com.mcpist.edge.pool.Origins;
import com.mcpist.edge.pool.PoolSettings;
import com.mcpist.edge.pool.PoolState;
import com.mcpist.edge.pool.PoolState.Health;
import com.mcpist.edge.pool.PoolState.OriginState;
import com.mcpist.edge.pool.PoolState.Status;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.model.registry.Collector;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one state of the pool, and the parties that act on its changes. Every thread reads the state
 * as a snapshot and changes it by compare-and-set. Safe for all threads.
 */
public final class OriginPool implements Origins {
  private static final Logger LOG = LoggerFactory.getLogger(OriginPool.class);

  private final Vertx vertx;
  private final Map<String, Member> members = new LinkedHashMap<>();
  private final Set<Registered> waiting = ConcurrentHashMap.newKeySet();
  private final InstantSource clock;
  private final AtomicReference<PoolState> state;
  private final List<Runnable> watchers = new CopyOnWriteArrayList<>();
  private final List<Runnable> changeWatchers = new CopyOnWriteArrayList<>();

  /** The origin to which calls went last while there was one. */
  private final AtomicReference<@Nullable String> served = new AtomicReference<>();

  private final Counter failovers =
      Counter.builder()
          .name("mcpist_failovers_total")
          .help("How often new calls began to go to another origin, which is this one")
          .labelNames("to")
          .withoutExemplars()
          .build();

  private record Member(
      Origin origin,
      Set<Registered> inFlight,
      AtomicReference<Instance> instance,
      AtomicReference<Ledger> ledger) {}

  /** The possible answers to whether an origin keeps calls in a ledger. */
  private enum Ledger {
    UNKNOWN,
    KEPT,
    NOT_KEPT
  }

  /** A call that is to be told something, once, on its own context. Compared by identity. */
  private final class Registered implements InFlight {
    private final Set<Registered> among;
    private final Context context = vertx.getOrCreateContext();
    private final Runnable task;
    private final Instance instance;
    private volatile boolean over;
    private volatile boolean replaced;
    private volatile int ticks;

    Registered(Set<Registered> among, Instance instance, Runnable task) {
      this.among = among;
      this.instance = instance;
      this.task = task;
      among.add(this);
    }

    /** Tells the call. Returns false if it has been told before, or is over. */
    boolean tell() {
      if (!among.remove(this)) {
        return false;
      }
      context.runOnContext(
          _ -> {
            if (!over) {
              task.run();
            }
          });
      return true;
    }

    @Override
    public void over() {
      over = true;
      ticks = instance.ticks();
      among.remove(this);
    }

    @Override
    public boolean replaced() {
      return replaced;
    }

    @Override
    public Fate fate() {
      return replaced ? Fate.LIVES : instance.fate(ticks);
    }

    @Override
    public Object process() {
      return instance;
    }
  }

  /**
   * Creates a pool. {@code origins} are in the order of preference. {@code clock} must never go
   * back.
   */
  public OriginPool(Vertx vertx, List<Origin> origins, PoolSettings settings, InstantSource clock) {
    this.vertx = vertx;
    for (Origin origin : origins) {
      members.put(
          origin.name(),
          new Member(
              origin,
              ConcurrentHashMap.newKeySet(),
              new AtomicReference<>(new Instance()),
              new AtomicReference<>(Ledger.UNKNOWN)));
      failovers.initLabelValues(origin.name());
    }
    List<String> names = origins.stream().map(Origin::name).toList();
    this.clock = clock;
    this.state = new AtomicReference<>(PoolState.starting(names, settings, clock.instant()));
  }

  public PoolState state() {
    return state.get();
  }

  /** Returns the origins in the order of preference. */
  public List<Origin> origins() {
    return members.values().stream().map(Member::origin).toList();
  }

  /**
   * Returns the collectors of each origin's state, of which origin serves, and of how often that
   * changed.
   */
  public List<Collector> collectors() {
    return List.of(
        failovers,
        gauge(
            "mcpist_origin_state",
            "1 for the state that an origin is in, 0 for the others",
            List.of("origin", "state"),
            (origin, value) -> {
              for (Status each : Status.values()) {
                value.call(origin.status() == each ? 1 : 0, origin.name(), each.label());
              }
            }),
        gauge(
            "mcpist_origin_active",
            "1 for the origin that new calls go to, 0 for the others",
            List.of("origin"),
            (origin, value) ->
                value.call(origin.name().equals(state().active()) ? 1 : 0, origin.name())));
  }

  private Collector gauge(
      String name,
      String help,
      List<String> labels,
      BiConsumer<OriginState, GaugeWithCallback.Callback> values) {
    return GaugeWithCallback.builder()
        .name(name)
        .help(help)
        .labelNames(labels.toArray(String[]::new))
        .callback(value -> state().origins().forEach(origin -> values.accept(origin, value)))
        .build();
  }

  InstantSource clock() {
    return clock;
  }

  /** Makes {@code watcher} run, on any thread, after each change of the state. */
  public void watch(Runnable watcher) {
    watchers.add(watcher);
  }

  /**
   * Makes {@code watcher} run as {@link #watch} does, but only after another origin serves, or
   * after an origin's state as it is shown has changed.
   */
  public void watchChanges(Runnable watcher) {
    changeWatchers.add(watcher);
  }

  /** Applies an observation, and acts on what it changed. */
  public void observe(Observation seen) {
    while (!apply(state.get(), seen)) {
      // Another thread was faster.
    }
    if (seen instanceof Observation.ProbeUp) {
      // The origin may not count as healthy yet, but a waiting call has nothing better to try.
      waiting.forEach(Registered::tell);
    } else if (seen instanceof Observation.Replaced) {
      int calls = leaveToReplaced(seen.origin());
      LOG.info("origin {}: {}, {} calls finish there", seen.origin(), seen.reason(), calls);
    }
  }

  /** Notes that the process that the origin is has ticked. Called by the monitor's loop only. */
  void ticked(String origin, String instance, boolean draining) {
    if (!member(origin).instance().get().ticked(instance, draining)) {
      refused(origin);
      member(origin).instance().get().ticked(instance, draining);
    }
  }

  /**
   * Notes that nobody listens at the origin, so that its process is gone. Called by the monitor's
   * loop only.
   */
  void refused(String origin) {
    member(origin).instance().getAndSet(new Instance()).gone();
  }

  /** Notes what the origin, asked for its health, says of whether it keeps calls. */
  void says(String origin, boolean keepsCalls) {
    Ledger said = keepsCalls ? Ledger.KEPT : Ledger.NOT_KEPT;
    if (member(origin).ledger().getAndSet(said) != said && !keepsCalls) {
      logNoLedger(origin);
    }
  }

  @Override
  public void answeredWithoutLedger(Origin origin) {
    if (member(origin.name()).ledger().compareAndSet(Ledger.UNKNOWN, Ledger.NOT_KEPT)) {
      logNoLedger(origin.name());
    }
  }

  private static void logNoLedger(String origin) {
    LOG.info("origin {} keeps no ledger: of its calls only what reads is sent again", origin);
  }

  private boolean apply(PoolState before, Observation seen) {
    Transition transition = FailoverRules.apply(before, seen, clock.instant());
    if (!state.compareAndSet(before, transition.state())) {
      return false;
    }
    transition.changes().forEach(this::act);
    if (transition.state().active() != null) {
      waiting.forEach(Registered::tell);
    }
    watchers.forEach(Runnable::run);
    if (!transition.changes().isEmpty()) {
      changeWatchers.forEach(Runnable::run);
    }
    return true;
  }

  private void act(Change change) {
    switch (change) {
      case Change.StatusChanged c ->
          LOG.info(
              "origin {}: {} -> {}: {}", c.origin(), c.from().label(), c.to().label(), c.why());
      case Change.ActiveChanged c -> {
        LOG.info("calls go to {}, before to {}", or(c.to()), or(c.from()));
        String to = c.to();
        String before = to == null ? null : served.getAndSet(to);
        if (to != null && before != null && !before.equals(to)) {
          failovers.labelValues(to).inc();
        }
      }
      case Change.GivenUp c -> {
        int calls = giveUp(c.origin());
        LOG.info("origin {}: {} calls in flight given up: {}", c.origin(), calls, c.why());
      }
    }
  }

  private static String or(@Nullable String origin) {
    return origin == null ? "none in particular" : origin;
  }

  /**
   * Drains an origin. Returns false, and does nothing, if no healthy origin would be left, unless
   * it is forced.
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

  @Override
  public Optional<Origin> choose(Set<String> tried) {
    return state.get().choose(tried).map(name -> member(name).origin());
  }

  @Override
  public List<Origin> inOrder() {
    return state.get().inOrder().stream().map(name -> member(name).origin()).toList();
  }

  @Override
  public boolean keepsCalls(Origin origin) {
    return member(origin.name()).ledger().get() == Ledger.KEPT;
  }

  @Override
  public boolean keepCalls() {
    return mayKeepCalls()
        && members.values().stream().anyMatch(each -> each.ledger().get() == Ledger.KEPT);
  }

  @Override
  public boolean mayKeepCalls() {
    return members.values().stream().noneMatch(each -> each.ledger().get() == Ledger.NOT_KEPT);
  }

  @Override
  public boolean isHealthy(Origin origin) {
    return state.get().origin(origin.name()).health() == Health.HEALTHY;
  }

  @Override
  public boolean isDown(Origin origin) {
    return state.get().origin(origin.name()).health() == Health.UNHEALTHY;
  }

  private Member member(String name) {
    return Objects.requireNonNull(members.get(name), name);
  }

  @Override
  public void awaitHealthy(Duration limit, Runnable then) {
    Registered call = new Registered(waiting, new Instance(), then);
    vertx.setTimer(Math.max(1, limit.toMillis()), _ -> call.tell());
    if (state.get().active() != null) {
      // The origin became healthy between the caller's look and the registration.
      call.tell();
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
    Member member = member(origin.name());
    Registered call = new Registered(member.inFlight(), member.instance().get(), onLost);
    if (state.get().givenUp(origin.name())) {
      // The origin was given up between the caller's choice and the registration.
      call.tell();
    }
    return call;
  }

  /** Tells every call at an origin that it is lost. Returns the number of these calls. */
  private int giveUp(String name) {
    int told = 0;
    for (Registered call : List.copyOf(member(name).inFlight())) {
      if (call.tell()) {
        told++;
      }
    }
    return told;
  }

  /**
   * Leaves an origin's calls to the process that was replaced. The calls stay with that process,
   * for which no heartbeat speaks any more. Returns the number of these calls.
   */
  private int leaveToReplaced(String name) {
    int left = 0;
    for (Registered call : List.copyOf(member(name).inFlight())) {
      if (call.among.remove(call)) {
        left++;
        call.replaced = true;
      }
    }
    return left;
  }
}
