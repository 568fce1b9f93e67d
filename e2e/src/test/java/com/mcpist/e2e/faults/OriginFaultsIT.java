package com.mcpist.e2e.faults;

import static com.mcpist.e2e.harness.Pair.PRIMARY;
import static com.mcpist.e2e.harness.Pair.STANDBY;
import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.e2e.harness.Failover;
import com.mcpist.e2e.harness.Processes;
import com.mcpist.e2e.harness.Rig;
import com.mcpist.e2e.harness.RigPlan;
import com.mcpist.e2e.harness.Savers;
import com.mcpist.e2e.harness.Status;
import com.mcpist.testkit.Conditions;
import com.mcpist.testkit.TestDatabase;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Clients that save while the processes behind their URL fail, one or both of them. */
class OriginFaultsIT {

  private static final int CLIENTS = 16;
  private static final int SOME = 100;
  private static final Duration STARVED = Duration.ofSeconds(3);

  private static TestDatabase database;
  private static Rig rig;

  private Savers savers;

  @BeforeAll
  static void start() throws Exception {
    database = TestDatabase.create();
    rig = RigPlan.on(database.url()).start();
  }

  @AfterAll
  static void stop() throws Exception {
    if (rig != null) {
      rig.close();
    }
    database.close();
  }

  @BeforeEach
  void settle() throws Exception {
    rig.settle();
    savers = Savers.start(rig.port(), CLIENTS);
    savers.awaitMore(SOME, PRIMARY);
  }

  @AfterEach
  void stopClients() {
    if (savers != null) {
      savers.close();
    }
  }

  @Test
  void thePrimaryIsKilled() throws Exception {
    Instant before = Instant.now();
    long replayed = rig.replayed();
    rig.kill(PRIMARY);
    savers.awaitMore(SOME, STANDBY);
    rig.start(PRIMARY);

    assertAllSavedOnce();
    List<Failover> all = Failover.all(database.dataSource(), before);
    Failover failover = all.getFirst();
    assertThat(failover.data().path("from").asString()).isEqualTo(PRIMARY);
    assertThat(failover.data().path("to").asString()).isEqualTo(STANDBY);
    assertThat(all.stream().mapToLong(each -> each.data().path("replayed").asLong()).sum())
        .as(all.toString())
        .isPositive()
        .isEqualTo(rig.replayed() - replayed);
    assertThat(failover.data().path("longestWaitMillis").asLong()).isPositive();
    assertThat(failover.data().path("failed").asLong()).isZero();
    assertThat(failover.message()).matches(STANDBY + " served .* s, .* 0 failed");
  }

  @Test
  void thePrimaryHangsAndWakesUp() throws Exception {
    rig.hang(PRIMARY);
    savers.awaitMore(SOME, STANDBY);
    rig.wake(PRIMARY);

    assertAllSavedOnce();
  }

  @Test
  void thePrimaryHangsAndTheStandbyIsKilledBeforeItWakesUp() throws Exception {
    rig.hang(PRIMARY);
    savers.awaitMore(SOME, STANDBY);
    rig.kill(STANDBY);
    rig.wake(PRIMARY);
    savers.awaitMore(SOME, PRIMARY);
    rig.start(STANDBY);

    assertAllSavedOnce();
  }

  @Test
  void bothAreKilledAndStartedAgainWhileTheClientsWait() throws Exception {
    rig.kill(PRIMARY);
    // A single call under which both die counts as a deadly one.
    savers.awaitMore(SOME, STANDBY);
    rig.kill(STANDBY);
    rig.start(PRIMARY);
    rig.start(STANDBY);

    assertAllSavedOnce();
  }

  @Test
  void bothHangAndWakeUpWhileTheClientsWait() throws Exception {
    rig.hang(STANDBY);
    rig.hang(PRIMARY);
    Duration hung = savers.elapsed();
    Conditions.await(
        "both hang for a while", () -> savers.elapsed().compareTo(hung.plus(STARVED)) > 0);
    rig.wake(STANDBY);
    rig.wake(PRIMARY);

    assertAllSavedOnce();
  }

  @Test
  void theStandbyIsKilledWhileThePrimaryIsDrained() throws Exception {
    rig.drain(PRIMARY);
    savers.awaitMore(SOME, STANDBY);
    rig.kill(STANDBY);
    rig.start(STANDBY);
    savers.awaitMore(SOME, STANDBY);
    rig.undrain(PRIMARY);

    assertAllSavedOnce();
  }

  @Test
  void theStandbyIsKilledWhileThePrimaryStops() throws Exception {
    rig.origin(PRIMARY).terminate();
    rig.kill(STANDBY);
    rig.start(STANDBY);
    rig.stop(PRIMARY);
    rig.start(PRIMARY);

    assertAllSavedOnce();
  }

  @Test
  void anEdgeThatGetsNoProcessorForAWhileBlamesNobody() throws Exception {
    Status.Origin primary = rig.status(PRIMARY);
    Status.Origin standby = rig.status(STANDBY);
    long edge = rig.edge().pid();

    Processes.signal(edge, "STOP");
    Duration stopped = savers.elapsed();
    Conditions.await(
        "it was stopped for long", () -> savers.elapsed().compareTo(stopped.plus(STARVED)) > 0);
    Processes.signal(edge, "CONT");
    savers.awaitMore(2 * CLIENTS);

    Savers.Tally tally = savers.stop(database.dataSource());
    tally.assertAllSavedOnce();
    assertThat(tally.report().byOrigin()).containsOnlyKeys(PRIMARY);
    assertThat(rig.status(PRIMARY)).as("also its last failure").isEqualTo(primary);
    assertThat(rig.status(STANDBY)).isEqualTo(standby);
  }

  /** The fault is over: the primary must get its calls back. */
  private void assertAllSavedOnce() throws Exception {
    rig.awaitSettled();
    savers.awaitMore(SOME, PRIMARY);
    savers.stop(database.dataSource()).assertAllSavedOnce();
  }
}
