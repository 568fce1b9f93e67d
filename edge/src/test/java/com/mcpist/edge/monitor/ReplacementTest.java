package com.mcpist.edge.monitor;

import static com.mcpist.testkit.Conditions.await;
import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.edge.fixture.OriginProcess;
import com.mcpist.edge.pool.Origin;
import com.mcpist.edge.pool.Origins;
import com.mcpist.edge.pool.PoolSettings;
import com.mcpist.edge.pool.PoolState.OriginState;
import com.mcpist.edge.pool.PoolState.Outage;
import com.mcpist.edge.pool.PoolState.Status;
import com.mcpist.edge.time.MonotonicClock;
import com.mcpist.edge.wire.Addresses;
import com.mcpist.testkit.Behaviour;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.net.URI;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Tests what the pool finds when a process says that it stops, and another process may be in its
 * place.
 */
class ReplacementTest {
  private final Vertx vertx = Vertx.vertx();
  private final OriginProcess old = OriginProcess.start("old");
  private final OriginProcess standby = OriginProcess.start("standby");
  private final Origin primary = new Origin("primary", URI.create(old.url()));
  private final Set<String> actives = ConcurrentHashMap.newKeySet();
  private final Set<Status> statuses = ConcurrentHashMap.newKeySet();
  private final AtomicInteger lost = new AtomicInteger();
  private OriginProcess fresh = old;
  private OriginPool pool;
  private HealthMonitor monitor;

  @BeforeEach
  void start() {
    MonotonicClock clock = new MonotonicClock();
    Origin second = new Origin("standby", URI.create(standby.url()));
    pool = new OriginPool(vertx, List.of(primary, second), PoolSettings.DEFAULTS, clock);
    monitor =
        new HealthMonitor(
            vertx,
            pool,
            MonitorSettings.DEFAULTS,
            () -> "secret",
            clock,
            new Addresses(vertx, List.of(), _ -> () -> "", 1));
    await(
        "both healthy and heard",
        () ->
            pool.state().origins().stream().allMatch(OriginState::usable)
                && old.ticks() > 0
                && standby.ticks() > 0);
    pool.watch(
        () -> {
          actives.add(String.valueOf(pool.state().active()));
          statuses.add(state().status());
        });
  }

  @AfterEach
  void stop() throws Exception {
    monitor.close().await(30, TimeUnit.SECONDS);
    vertx.close().await(30, TimeUnit.SECONDS);
    old.close();
    fresh.close();
    standby.close();
  }

  private OriginState state() {
    return pool.state().origin("primary");
  }

  private OriginProcess replaceBy(String instance) throws IOException {
    old.stopListening();
    fresh = OriginProcess.start(instance, old.port(), _ -> Behaviour.status(200));
    return fresh;
  }

  private Origins.InFlight call(AtomicInteger counter) {
    return pool.inFlight(primary, counter::incrementAndGet);
  }

  private void awaitLeaving() {
    await("the origin is leaving", () -> state().outage() == Outage.LEAVING);
    assertThat(pool.state().active()).isEqualTo("standby");
    assertThat(state().failures()).isZero();
  }

  @Test
  void anotherProcessThereGoesOnWithoutASwitch() throws Exception {
    Origins.InFlight flight = call(lost);
    var _ = replaceBy("new");
    old.drain();
    await("the call is the old one's", flight::replaced);

    old.fallSilent();
    int heard = fresh.ticks();
    await("the old one is silent for longer than counts", () -> fresh.ticks() > heard + 6);
    old.close();
    int closed = fresh.ticks();
    await("it has ended", () -> fresh.ticks() > closed + 2);

    await("the new release is known", () -> "new".equals(monitor.release("primary")));
    assertThat(actives).containsOnly("primary");
    assertThat(statuses).containsOnly(Status.HEALTHY);
    assertThat(state().held()).isFalse();
    assertThat(lost).hasValue(0);
  }

  @Test
  void theNewOnesSilenceGivesUpItsCallsAndNotTheOldOnes() throws Exception {
    Origins.InFlight flight = call(lost);
    var _ = replaceBy("new");
    old.drain();
    await("the call is the old one's", flight::replaced);
    AtomicInteger lostLater = new AtomicInteger();
    var _ = call(lostLater);

    fresh.fallSilent();
    await("the call at the new one is given up", () -> lostLater.get() == 1);
    assertThat(pool.state().active()).isEqualTo("standby");
    assertThat(lost).hasValue(0);
  }

  @Test
  void theSameProcessThereIsLeaving() {
    old.drain();
    awaitLeaving();
  }

  @Test
  void nobodyThereIsLeaving() throws Exception {
    old.stopListening();
    old.drain();
    awaitLeaving();
  }

  @Test
  void anotherThatStopsTooIsLeaving() throws Exception {
    var _ = replaceBy("new").drain();
    old.drain();
    awaitLeaving();
  }

  @Test
  void anotherWithoutADatabaseIsLeaving() throws Exception {
    var _ = replaceBy("new").database(false);
    old.drain();
    awaitLeaving();
  }

  @Test
  void anotherThatDoesNotAnswerIsLeaving() throws Exception {
    var _ = replaceBy("new").heartbeat(Behaviour.silent());
    old.drain();
    awaitLeaving();
  }

  @Test
  void anotherWithoutAHeartbeatIsLeaving() throws Exception {
    var _ = replaceBy("new").heartbeat(Behaviour.status(404));
    old.drain();
    awaitLeaving();
  }

  @Test
  void anotherThatComesLaterIsHeardInsteadOfTheOneThatStops() throws Exception {
    old.drain();
    awaitLeaving();
    Origins.InFlight flight = call(lost);
    var _ = replaceBy("new");

    await("the call is the old one's", flight::replaced);
    old.fallSilent();
    await(
        "the traffic is back",
        () -> "primary".equals(pool.state().active()) && state().usable() && !state().held());
    assertThat(lost).hasValue(0);
  }
}
