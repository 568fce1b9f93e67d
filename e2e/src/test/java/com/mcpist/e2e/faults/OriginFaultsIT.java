package com.mcpist.e2e.faults;

import static com.mcpist.e2e.harness.Pair.PRIMARY;
import static com.mcpist.e2e.harness.Pair.STANDBY;
import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.e2e.harness.Processes;
import com.mcpist.e2e.harness.Rig;
import com.mcpist.e2e.harness.RigPlan;
import com.mcpist.e2e.harness.Savers;
import com.mcpist.e2e.harness.Status;
import com.mcpist.testkit.Conditions;
import com.mcpist.testkit.TestDatabase;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
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
  void settle() {
    rig.awaitSettled();
  }

  @Test
  void thePrimaryIsKilled() throws Exception {
    Savers savers = started();

    rig.kill(PRIMARY);
    savers.awaitMore(SOME, STANDBY);
    rig.start(PRIMARY);

    assertAllSavedOnce(savers);
  }

  @Test
  void thePrimaryHangsAndWakesUp() throws Exception {
    Savers savers = started();

    rig.hang(PRIMARY);
    savers.awaitMore(SOME, STANDBY);
    rig.wake(PRIMARY);

    assertAllSavedOnce(savers);
  }

  @Test
  void thePrimaryHangsAndTheStandbyIsKilledBeforeItWakesUp() throws Exception {
    Savers savers = started();

    rig.hang(PRIMARY);
    savers.awaitMore(SOME, STANDBY);
    rig.kill(STANDBY);
    rig.wake(PRIMARY);
    savers.awaitMore(SOME, PRIMARY);
    rig.start(STANDBY);

    assertAllSavedOnce(savers);
  }

  @Test
  void bothAreKilledAndStartedAgainWhileTheClientsWait() throws Exception {
    Savers savers = started();

    rig.kill(PRIMARY);
    rig.kill(STANDBY);
    rig.start(PRIMARY);
    rig.start(STANDBY);

    assertAllSavedOnce(savers);
  }

  @Test
  void bothHangAndWakeUpWhileTheClientsWait() throws Exception {
    Savers savers = started();

    rig.hang(STANDBY);
    rig.hang(PRIMARY);
    Duration hung = savers.elapsed();
    Conditions.await(
        "both hang for a while", () -> savers.elapsed().compareTo(hung.plus(STARVED)) > 0);
    rig.wake(STANDBY);
    rig.wake(PRIMARY);

    assertAllSavedOnce(savers);
  }

  @Test
  void theStandbyIsKilledWhileThePrimaryIsDrained() throws Exception {
    Savers savers = started();

    rig.drain(PRIMARY);
    savers.awaitMore(SOME, STANDBY);
    rig.kill(STANDBY);
    rig.start(STANDBY);
    savers.awaitMore(SOME, STANDBY);
    rig.undrain(PRIMARY);

    assertAllSavedOnce(savers);
  }

  @Test
  void theStandbyIsKilledWhileThePrimaryStops() throws Exception {
    Savers savers = started();

    rig.origin(PRIMARY).terminate();
    rig.kill(STANDBY);
    rig.start(STANDBY);
    rig.stop(PRIMARY);
    rig.start(PRIMARY);

    assertAllSavedOnce(savers);
  }

  @Test
  void anEdgeThatGetsNoProcessorForAWhileBlamesNobody() throws Exception {
    Savers savers = started();
    Status.Origin primary = rig.status(PRIMARY);
    Status.Origin standby = rig.status(STANDBY);
    long edge = rig.edge().pid();

    Processes.signal(edge, "STOP");
    Duration stopped = savers.elapsed();
    Conditions.await(
        "it was stopped for long", () -> savers.elapsed().compareTo(stopped.plus(STARVED)) > 0);
    Processes.signal(edge, "CONT");
    savers.awaitMore(10 * SOME);

    Savers.Tally tally = savers.stop(database.dataSource());
    tally.assertAllSavedOnce();
    assertThat(tally.report().byOrigin()).containsOnlyKeys(PRIMARY);
    assertThat(rig.status(PRIMARY)).as("also its last failure").isEqualTo(primary);
    assertThat(rig.status(STANDBY)).isEqualTo(standby);
  }

  private static Savers started() {
    Savers savers = Savers.start(rig.port(), CLIENTS);
    savers.awaitMore(SOME, PRIMARY);
    return savers;
  }

  /** The fault is over: the primary must get its calls back. */
  private static void assertAllSavedOnce(Savers savers) throws Exception {
    rig.awaitSettled();
    savers.awaitMore(SOME, PRIMARY);
    savers.stop(database.dataSource()).assertAllSavedOnce();
  }
}
