package com.mcpist.edge.monitor;

import static com.mcpist.testkit.Conditions.await;
import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.edge.pool.Observation;
import com.mcpist.edge.pool.Origin;
import com.mcpist.edge.pool.Origins;
import com.mcpist.edge.pool.Origins.Failure;
import com.mcpist.edge.pool.PoolSettings;
import com.mcpist.edge.pool.PoolState.Health;
import com.mcpist.edge.pool.PoolState.Status;
import com.mcpist.testkit.MutableClock;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.net.URI;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class OriginPoolTest {
  private static final Origin A = new Origin("a", URI.create("http://127.0.0.1:1"));
  private static final Origin B = new Origin("b", URI.create("http://127.0.0.1:2"));

  private final Vertx vertx = Vertx.vertx();
  private final MutableClock clock = MutableClock.create();
  private final OriginPool pool =
      new OriginPool(vertx, List.of(A, B), PoolSettings.DEFAULTS, clock);

  @AfterEach
  void close() throws Exception {
    vertx.close().await(30, TimeUnit.SECONDS);
  }

  @Test
  void mayKeepCallsUntilAnOriginHasSaidThatItKeepsNone() {
    assertThat(pool.keepCalls()).isFalse();
    assertThat(pool.mayKeepCalls()).isTrue();
  }

  @Test
  void anAnswerToACallTellsOnlyOfAnOriginOfWhichNothingIsKnown() {
    pool.says("a", true);
    pool.answeredWithoutLedger(A);
    assertThat(pool.keepsCalls(A)).isTrue();
    assertThat(pool.mayKeepCalls()).isTrue();
    pool.answeredWithoutLedger(B);
    assertThat(pool.mayKeepCalls()).isFalse();
  }

  @Test
  void choosesAndFailsOver() {
    healthy();
    assertThat(pool.choose(Set.of())).contains(A);
    pool.failed(A, Failure.REFUSED, "connection refused");
    assertThat(pool.choose(Set.of())).contains(B);
    assertThat(pool.choose(Set.of("b"))).isEmpty();
    assertThat(pool.inOrder()).containsExactly(A, B);
    pool.failed(B, Failure.SERVER_ERROR, "502");
    assertThat(pool.choose(Set.of())).isEmpty();
    for (int i = 0; i < PoolSettings.DEFAULTS.consecutiveUp(); i++) {
      assertThat(pool.choose(Set.of())).isEmpty();
      pool.succeeded(A);
    }
    assertThat(pool.choose(Set.of())).contains(A);
  }

  @Test
  void anAttemptGivenUpForItsHeartbeatIsNoFailureOfItsOwn() {
    healthy();
    pool.failed(A, Failure.HEARTBEAT_LOST, "silent");
    assertThat(pool.state().origin("a").health()).isEqualTo(Health.HEALTHY);
  }

  @Test
  void manyThreadsMakeOneFailureOfOneOutage() throws Exception {
    healthy();
    try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
      Callable<Boolean> failing =
          () -> {
            pool.failed(A, Failure.RESET, "reset by peer");
            return true;
          };
      for (var done : threads.invokeAll(Collections.nCopies(200, failing))) {
        assertThat(done.get()).isTrue();
      }
    }
    assertThat(pool.state().origin("a").failures()).isEqualTo(1);
  }

  @Test
  void callsInFlightAreGivenUpOnTheirContextOnceAndOnlyThoseOfTheSilentOrigin() {
    healthy();
    Context context = vertx.getOrCreateContext();
    AtomicInteger lost = new AtomicInteger();
    AtomicInteger lostElsewhere = new AtomicInteger();
    AtomicReference<@Nullable Context> ranOn = new AtomicReference<>();
    onContext(
        context,
        () -> {
          var _ =
              pool.inFlight(
                  A,
                  () -> {
                    ranOn.set(Vertx.currentContext());
                    lost.incrementAndGet();
                  });
          Origins.InFlight flight = pool.inFlight(A, lost::incrementAndGet);
          flight.over();
          flight.over();
          return pool.inFlight(B, lostElsewhere::incrementAndGet);
        });
    pool.observe(new Observation.HeartbeatSilent("a", "no heartbeat"));
    await("the call is given up", () -> lost.get() == 1);
    pool.observe(new Observation.HeartbeatResumed("a"));
    pool.observe(new Observation.HeartbeatSilent("a", "no heartbeat"));
    flush(context);
    assertThat(lost).hasValue(1);
    assertThat(lostElsewhere).hasValue(0);
    assertThat(ranOn.get()).isSameAs(context);
  }

  @Test
  void aCallThatIsOverBeforeItsContextRunsIsNotTold() {
    healthy();
    Context context = vertx.getOrCreateContext();
    AtomicInteger lost = new AtomicInteger();
    onContext(
        context,
        () -> {
          Origins.InFlight flight = pool.inFlight(A, lost::incrementAndGet);
          pool.observe(new Observation.HeartbeatSilent("a", "no heartbeat"));
          flight.over();
          return true;
        });
    flush(context);
    assertThat(lost).hasValue(0);
  }

  @Test
  void callsAtAProcessThatWasReplacedAreNotGivenUpForTheSilenceOfTheNewOne() {
    healthy();
    Context context = vertx.getOrCreateContext();
    AtomicInteger lost = new AtomicInteger();
    AtomicInteger lostLater = new AtomicInteger();
    Origins.InFlight before = onContext(context, () -> pool.inFlight(A, lost::incrementAndGet));
    pool.observe(new Observation.Replaced("a"));
    Origins.InFlight after = onContext(context, () -> pool.inFlight(A, lostLater::incrementAndGet));

    pool.observe(new Observation.HeartbeatSilent("a", "no heartbeat"));
    await("the call at the new process is given up", () -> lostLater.get() == 1);
    flush(context);

    assertThat(lost).hasValue(0);
    assertThat(before.replaced()).isTrue();
    assertThat(after.replaced()).isFalse();
  }

  @Test
  void aCallRegisteredAfterItsOriginWasGivenUpIsToldToo() {
    healthy();
    pool.observe(new Observation.HeartbeatSilent("a", "no heartbeat"));
    AtomicInteger lost = new AtomicInteger();
    onContext(vertx.getOrCreateContext(), () -> pool.inFlight(A, lost::incrementAndGet));
    await("the call is given up", () -> lost.get() == 1);
  }

  @Test
  void waitsUntilAnOriginIsHealthy() throws Exception {
    Context context = vertx.getOrCreateContext();
    AtomicReference<@Nullable Context> ranOn = new AtomicReference<>();
    Future<Void> waiting =
        onContext(
            context,
            () -> waiting(Duration.ofHours(1)).onComplete(_ -> ranOn.set(Vertx.currentContext())));
    pool.observe(new Observation.ProbeDown("b", "still down"));
    flush(context);
    assertThat(waiting.isComplete()).isFalse();
    pool.observe(new Observation.ProbeUp("b"));
    waiting.await(30, TimeUnit.SECONDS);
    assertThat(pool.state().active()).as("it is only a first sign").isNull();
    assertThat(ranOn.get()).isSameAs(context);
    pool.observe(new Observation.ProbeUp("b"));
    pool.observe(new Observation.ProbeUp("b"));
    waiting(Duration.ofHours(1)).await(30, TimeUnit.SECONDS);
  }

  @Test
  void waitsNoLongerThanTheLimit() throws Exception {
    waiting(Duration.ofMillis(10)).await(30, TimeUnit.SECONDS);
    assertThat(pool.state().active()).isNull();
  }

  @Test
  void refusesToDrainTheLastHealthyOriginUnlessForced() {
    healthy();
    assertThat(pool.drain("a", false)).isTrue();
    assertThat(pool.drain("a", false)).isTrue();
    assertThat(pool.drain("b", false)).isFalse();
    assertThat(pool.choose(Set.of())).contains(B);
    assertThat(pool.drain("b", true)).isTrue();
    assertThat(pool.state().origin("b").status()).isEqualTo(Status.DRAINED);
    assertThat(pool.inOrder()).isEmpty();
  }

  private Future<Void> waiting(Duration limit) {
    Promise<Void> over = Promise.promise();
    pool.awaitHealthy(limit, over::complete);
    return over.future();
  }

  private void healthy() {
    for (Origin origin : pool.origins()) {
      for (int i = 0; i < PoolSettings.DEFAULTS.consecutiveUp(); i++) {
        pool.observe(new Observation.ProbeUp(origin.name()));
      }
    }
  }

  private static <T> T onContext(Context context, Callable<T> task) {
    Promise<T> done = Promise.promise();
    context.runOnContext(
        _ -> {
          try {
            done.complete(task.call());
          } catch (Exception e) {
            done.fail(e);
          }
        });
    try {
      return done.future().await(30, TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      throw new AssertionError(e);
    }
  }

  /** Waits until everything that was queued on the context has run. */
  private static void flush(Context context) {
    boolean _ = onContext(context, () -> true);
  }
}
