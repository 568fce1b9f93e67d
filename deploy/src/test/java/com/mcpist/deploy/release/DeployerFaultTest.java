package com.mcpist.deploy.release;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.mcpist.deploy.admin.AdminPath.ReleaseRecord.State;
import com.mcpist.deploy.platform.Images;
import com.mcpist.testkit.vendor.Fault;
import com.mcpist.testkit.vendor.FlyServer;
import com.mcpist.testkit.vendor.KoyebServer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Whatever a vendor does in the middle of a deployment: told, let go of, and mended by running it
 * again.
 */
class DeployerFaultTest {
  private static final String UPDATE = "PATCH /v1/services/.*";
  private static final String LEASE = "POST /v1/apps/notes/machines/[^/]+/lease";
  private static final String MACHINE = "POST /v1/apps/notes/machines/[^/]+";

  private final Stage stage = new Stage();

  /** What a vendor does wrong, once. */
  interface Wrong {
    void happen(Stage stage);
  }

  private static Fault status(int status) {
    return new Fault.Status(status, Map.of(), "{\"message\": \"no\", \"error\": \"no\"}");
  }

  private static Named<Wrong> named(String name, Wrong wrong) {
    return Named.of(name, wrong);
  }

  private static Named<Wrong> koyeb(String name, Fault... faults) {
    return Named.of("koyeb: " + name, stage -> stage.koyeb.fail(UPDATE, faults));
  }

  private static Named<Wrong> fly(String name, String call, Fault... faults) {
    return Named.of("fly: " + name, stage -> stage.fly.fail(call, faults));
  }

  static Stream<Arguments> wrongs() {
    return Stream.of(
        Arguments.of(koyeb("401", status(401)), State.RETURNED),
        Arguments.of(koyeb("403", status(403)), State.RETURNED),
        Arguments.of(koyeb("404", status(404)), State.RETURNED),
        Arguments.of(koyeb("409", status(409)), State.RETURNED),
        Arguments.of(koyeb("429 for an hour", limited()), State.RETURNED),
        Arguments.of(koyeb("500", status(500)), State.RETURNED),
        Arguments.of(koyeb("503", status(503)), State.RETURNED),
        Arguments.of(koyeb("cut before it acted", new Fault.Cut(false)), State.RETURNED),
        Arguments.of(koyeb("cut after it acted", new Fault.Cut(true)), State.SUCCEEDED),
        Arguments.of(koyeb("cut in the answer", new Fault.CutInAnswer()), State.SUCCEEDED),
        Arguments.of(koyeb("no JSON", new Fault.Garbage()), State.SUCCEEDED),
        Arguments.of(
            named(
                "koyeb: never healthy", stage -> stage.koyeb.next(List.of("PENDING", "STARTING"))),
            State.FAILED),
        Arguments.of(
            named("koyeb: fails", stage -> stage.koyeb.next(List.of("PENDING", "ERROR"))),
            State.FAILED),
        Arguments.of(fly("lease 401", LEASE, status(401)), State.RETURNED),
        Arguments.of(fly("lease 403", LEASE, status(403)), State.RETURNED),
        Arguments.of(fly("lease 404", LEASE, status(404)), State.RETURNED),
        Arguments.of(
            named(
                "fly: the lease is held",
                stage ->
                    stage.fly.leasedBySomebodyElse(
                        Stage.MACHINE, "fly deploy", Duration.ofMinutes(30))),
            State.RETURNED),
        Arguments.of(fly("429 for an hour", MACHINE, limited()), State.RETURNED),
        Arguments.of(fly("update 408", MACHINE, status(408)), State.RETURNED),
        Arguments.of(fly("update 412", MACHINE, status(412)), State.RETURNED),
        Arguments.of(fly("update 500", MACHINE, status(500)), State.RETURNED),
        Arguments.of(fly("cut before it acted", MACHINE, new Fault.Cut(false)), State.RETURNED),
        Arguments.of(fly("cut after it acted", MACHINE, new Fault.Cut(true)), State.SUCCEEDED),
        Arguments.of(fly("cut in the answer", MACHINE, new Fault.CutInAnswer()), State.SUCCEEDED),
        Arguments.of(
            named(
                "fly: never started",
                stage -> stage.fly.next(List.of("replacing", "starting"), List.of("critical"))),
            State.FAILED),
        Arguments.of(
            named(
                "fly: never passes its check",
                stage -> stage.fly.next(List.of("started"), List.of("critical"))),
            State.FAILED));
  }

  /** The calls that only read, once the change is under way: whoever waits looks again. */
  static Stream<Arguments> readings() {
    return Stream.of(
        Arguments.of(reading("koyeb", status(401)), State.RETURNED),
        Arguments.of(reading("koyeb", status(403)), State.RETURNED),
        Arguments.of(reading("koyeb", status(404)), State.RETURNED),
        Arguments.of(reading("koyeb", limited()), State.SUCCEEDED),
        Arguments.of(reading("koyeb", status(500)), State.SUCCEEDED),
        Arguments.of(reading("koyeb", always(status(503))), State.SUCCEEDED),
        Arguments.of(reading("koyeb", new Fault.Cut(true)), State.SUCCEEDED),
        Arguments.of(reading("koyeb", always(new Fault.CutInAnswer())), State.SUCCEEDED),
        Arguments.of(reading("koyeb", new Fault.Garbage()), State.SUCCEEDED),
        Arguments.of(reading("fly", status(401)), State.RETURNED),
        Arguments.of(reading("fly", status(403)), State.RETURNED),
        Arguments.of(reading("fly", status(404)), State.RETURNED),
        Arguments.of(reading("fly", limited()), State.SUCCEEDED),
        Arguments.of(reading("fly", status(408)), State.SUCCEEDED),
        Arguments.of(reading("fly", status(500)), State.SUCCEEDED),
        Arguments.of(reading("fly", always(status(503))), State.SUCCEEDED),
        Arguments.of(reading("fly", new Fault.Cut(true)), State.SUCCEEDED),
        Arguments.of(reading("fly", always(new Fault.CutInAnswer())), State.SUCCEEDED),
        Arguments.of(reading("fly", new Fault.Garbage()), State.SUCCEEDED));
  }

  /** As often as a call is tried. */
  private static Fault[] always(Fault fault) {
    return Stream.generate(() -> fault).limit(5).toArray(Fault[]::new);
  }

  private static Named<Wrong> reading(String platform, Fault... faults) {
    return named(
        platform + ": reading " + faults.length + " " + faults[0],
        stage -> {
          if (platform.equals("koyeb")) {
            stage.inTheMiddle.put(
                Stage.PRIMARY, () -> stage.koyeb.fail("GET /v1/deployments/.*", faults));
          } else {
            stage.inTheMiddle.put(
                Stage.STANDBY, () -> stage.fly.fail("GET /v1/apps/notes/machines.*", faults));
          }
        });
  }

  private static Fault limited() {
    return new Fault.Status(429, Map.of("Retry-After", "3600"), "{\"message\": \"too many\"}");
  }

  @AfterEach
  void nothingIsHeldAndEveryRequestWasRight() throws Exception {
    stage.close();
    assertThat(stage.koyeb.violations()).isEmpty();
    assertThat(stage.fly.violations()).isEmpty();
    assertThat(stage.books.isLocked()).isFalse();
  }

  @ParameterizedTest
  @MethodSource({"wrongs", "readings"})
  void itIsToldAndNothingIsHeldAndTheSameCommandFinishesTheWork(Wrong wrong, State expected)
      throws Exception {
    wrong.happen(stage);

    Outcome first = stage.deployer().deploy(Stage.order(Images.NEW, "two"));

    assertThat(first.state()).as(first.problem()).isEqualTo(expected);
    if (!first.passed()) {
      assertThat(first.problem()).containsAnyOf("koyeb: ", "fly: ").doesNotContain("\n");
      assertThat(stage.notices()).hasSize(1);
    }
    assertThat(stage.books.isLocked()).isFalse();
    // What somebody else held, or a vendor forbade for an hour, is over by then.
    stage.time.clock().advance(Duration.ofHours(1));
    stage.koyeb.next(KoyebServer.USUAL);
    stage.fly.next(FlyServer.USUAL_STATES, FlyServer.USUAL_CHECKS);
    assertThat(stage.fly.isLeased(Stage.MACHINE)).isFalse();

    Outcome again = again(first);

    assertThat(again.problem()).isEmpty();
    assertThat(stage.running(Stage.PRIMARY)).isEqualTo(Stage.NEW);
    assertThat(stage.running(Stage.STANDBY)).isEqualTo(Stage.NEW);
  }

  /** A machine that does not start, with whatever release, is what a person has to know of. */
  private Outcome again(Outcome first) throws Exception {
    if (first.state() == State.FAILED
        && first.problem().contains("fly: wait for machine")
        && !first.problem().contains("given up when " + Stage.PRIMARY)) {
      assertThatExceptionOfType(DeployException.class)
          .isThrownBy(() -> stage.deployer().deploy(Stage.order(Images.NEW, "two")))
          .withMessageContaining("--force");
      return stage.deployer().deploy(DeployerTurnTest.forced(Stage.order(Images.NEW, "two")));
    }
    return stage.deployer().deploy(Stage.order(Images.NEW, "two"));
  }
}
