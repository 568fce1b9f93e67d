package com.mcpist.deploy.release;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.mcpist.deploy.admin.ReleaseRecord.Action;
import com.mcpist.deploy.admin.ReleaseRecord.State;
import com.mcpist.deploy.plan.Strategy;
import com.mcpist.deploy.platform.Images;
import com.mcpist.testkit.vendor.Fault;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class DeployerTest {
  private final Stage stage = new Stage();

  @AfterEach
  void everyRequestWasOneThatTheVendorsTakeAndNothingIsHeld() throws Exception {
    stage.close();
    assertThat(stage.koyeb.violations()).isEmpty();
    assertThat(stage.fly.violations()).isEmpty();
    assertThat(stage.fly.isLeased(Stage.MACHINE)).isFalse();
    assertThat(stage.books.isLocked()).isFalse();
  }

  @Test
  void aReleaseGoesToBothAndIsVerifiedAndRecorded() throws Exception {
    Outcome outcome = stage.deployer().deploy(Stage.order(Images.NEW, "two"));

    assertThat(outcome.problem()).isEmpty();
    assertThat(outcome.state()).isEqualTo(State.SUCCEEDED);
    assertThat(outcome.origins())
        .extracting(Outcome.Part::name, Outcome.Part::result, Outcome.Part::before)
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple(Stage.PRIMARY, "deployed", Stage.OLD),
            org.assertj.core.groups.Tuple.tuple(Stage.STANDBY, "deployed", Stage.OLD));
    assertThat(outcome.findings()).hasSize(11).allMatch(finding -> finding.passed());
    assertBothRun(Stage.NEW);
    assertThat(stage.books.releases()).hasSize(1);
    assertThat(stage.books.releases().getFirst().path("state").asString()).isEqualTo("succeeded");
    assertThat(stage.notices()).isEmpty();
  }

  @Test
  void whatRunsAlreadyIsVerifiedAndNothingIsChanged() throws Exception {
    stage.deployer().deploy(Stage.order(Images.NEW, "two"));
    int deployments = stage.koyeb.deployments();

    Outcome outcome = stage.deployer().deploy(Stage.order(Images.NEW, "two"));

    assertThat(outcome.passed()).isTrue();
    assertThat(outcome.changed()).isFalse();
    assertThat(outcome.findings()).isNotEmpty();
    assertThat(stage.koyeb.deployments()).isEqualTo(deployments);
    assertThat(stage.books.releases()).hasSize(1);
  }

  @ParameterizedTest
  @EnumSource(StandInOrigin.Fault.class)
  void aBadReleaseIsTakenBackFromBothAndPeopleAreTold(StandInOrigin.Fault fault) throws Exception {
    stage.primary.spoil(Stage.NEW, fault);
    stage.standby.spoil(Stage.NEW, fault);

    Outcome outcome = stage.deployer().deploy(Stage.order(Images.NEW, "two"));

    assertThat(outcome.state()).isEqualTo(State.RETURNED);
    assertThat(outcome.problem()).contains(Stage.PRIMARY).contains(Stage.STANDBY);
    assertThat(outcome.origins()).extracting(Outcome.Part::result).containsOnly("returned");
    assertBothRun(Stage.OLD);
    assertThat(stage.notices()).hasSize(1);
    assertThat(stage.notices().getFirst())
        .contains("deploy of two of koyeb-primary failed")
        .contains("Every origin has the release again that it had");
    assertThat(stage.books.events()).containsExactly("failure");
    assertThat(stage.books.releases().getFirst().path("state").asString()).isEqualTo("returned");
  }

  @Test
  void theRecoveryIsToldOnce() throws Exception {
    stage.standby.spoil(Stage.NEW, StandInOrigin.Fault.ERRORS);
    stage.deployer().deploy(Stage.order(Images.NEW, "two"));
    stage.deployer().deploy(Stage.order(Images.image("2"), "three"));
    stage.deployer().deploy(Stage.order(Images.image("3"), "four"));

    assertThat(stage.notices()).hasSize(2);
    assertThat(stage.notices().getLast()).contains("is well again").contains("run three");
    assertThat(stage.books.events()).containsExactly("failure", "recovery");
  }

  @Test
  void standbyFirstLeavesThePrimaryAloneWhereTheStandbyShowsThatItIsBad() throws Exception {
    stage.standby.spoil(Stage.NEW, StandInOrigin.Fault.ERRORS);
    stage.primary.spoil(Stage.NEW, StandInOrigin.Fault.ERRORS);

    Outcome outcome =
        stage.deployer().deploy(Stage.order(Images.NEW, "two", Strategy.STANDBY_FIRST));

    assertThat(outcome.state()).isEqualTo(State.RETURNED);
    assertThat(stage.koyeb.deployments()).isEqualTo(1);
    assertBothRun(Stage.OLD);
  }

  @Test
  void standbyFirstGoesOnToThePrimaryOnceTheStandbyIsVerified() throws Exception {
    Outcome outcome =
        stage.deployer().deploy(Stage.order(Images.NEW, "two", Strategy.STANDBY_FIRST));

    assertThat(outcome.passed()).isTrue();
    assertThat(outcome.origins())
        .extracting(Outcome.Part::name)
        .containsExactly(Stage.STANDBY, Stage.PRIMARY);
    assertThat(stage.told)
        .containsSubsequence(
            "Deploying two to flyio-standby",
            "Verifying flyio-standby",
            "Deploying two to koyeb-primary",
            "Verifying koyeb-primary and flyio-standby");
    assertBothRun(Stage.NEW);
  }

  @Test
  void oneOriginThatFailsDoesNotStopTheOtherAndTheSameCommandFinishesTheWork() throws Exception {
    stage.koyeb.fail(
        "PATCH /v1/services/.*", new Fault.Status(403, Map.of(), "{\"message\": \"no\"}"));

    Outcome failed = stage.deployer().deploy(Stage.order(Images.NEW, "two"));

    assertThat(failed.state()).isEqualTo(State.RETURNED);
    assertThat(failed.problem()).contains("koyeb-primary: koyeb: ").contains("HTTP 403: no");
    assertThat(failed.origins())
        .extracting(Outcome.Part::result)
        .containsExactly("untouched", "returned");
    assertBothRun(Stage.OLD);

    assertThat(stage.deployer().deploy(Stage.order(Images.NEW, "two")).passed()).isTrue();
    assertBothRun(Stage.NEW);
  }

  @Test
  void anOriginThatCannotBeGivenBackIsToldSo() throws Exception {
    stage.standby.spoil(Stage.NEW, StandInOrigin.Fault.ERRORS);
    stage.koyeb.fail(
        "GET /v1/deployments.*", new Fault.Status(401, Map.of(), "{\"message\": \"expired\"}"));
    Deployer deployer = stage.deployer();
    stage.fly.fail(
        "POST /v1/apps/notes/machines/" + Stage.MACHINE + "/lease",
        new Fault.Status(403, Map.of(), "{\"error\": \"no\"}"));

    Outcome outcome = firstGoodLook(deployer);

    assertThat(outcome.state()).isIn(State.FAILED, State.RETURNED);
    assertThat(outcome.passed()).isFalse();
  }

  /** The first look fails, and changes nothing; the second deploys. */
  private static Outcome firstGoodLook(Deployer deployer) throws Exception {
    assertThatExceptionOfType(DeployException.class)
        .isThrownBy(() -> deployer.deploy(Stage.order(Images.NEW, "two")))
        .withMessageContaining("KOYEB_TOKEN");
    return deployer.deploy(Stage.order(Images.NEW, "two"));
  }

  @Test
  void whereTheOtherOriginIsNotHealthyItIsRefused() throws Exception {
    stage.fly.state(Stage.MACHINE, "stopped");

    assertThatExceptionOfType(DeployException.class)
        .isThrownBy(() -> stage.deployer().deploy(Stage.order(Images.NEW, "two")))
        .withMessageContaining("flyio-standby is not healthy: its platform says stopped")
        .withMessageContaining("--force");
    assertBothRun(Stage.OLD);
  }

  @Test
  void forcedItGoesFirstToWhatIsNotHealthy() throws Exception {
    stage.fly.state(Stage.MACHINE, "stopped");
    Order order = Stage.order(Images.NEW, "two");

    Outcome outcome = stage.deployer().deploy(forced(order));

    assertThat(outcome.problem()).isEmpty();
    assertThat(outcome.origins())
        .extracting(Outcome.Part::name)
        .containsExactly(Stage.STANDBY, Stage.PRIMARY);
    assertBothRun(Stage.NEW);
  }

  static Order forced(Order order) {
    return new Order(
        order.action(),
        order.image(),
        order.release(),
        order.strategy(),
        order.only(),
        order.secrets(),
        true,
        order.verify(),
        order.who(),
        order.run(),
        order.limits());
  }

  @Test
  void whoComesSecondIsToldWhoDeploysAndSinceWhen() throws Exception {
    stage.books.lockedBy("alice", 60);

    assertThatExceptionOfType(DeployException.class)
        .isThrownBy(() -> stage.deployer().deploy(Stage.order(Images.NEW, "two")))
        .withMessageContaining("alice deploys (a test), since 2026-11-25T00:00:00Z");
    assertThat(stage.told).anyMatch(line -> line.startsWith("Waiting: alice deploys"));
    assertBothRun(Stage.OLD);
    stage.time.clock().advance(java.time.Duration.ofMinutes(2));
  }

  @Test
  void aLockWhoseOwnerDiedIsWaitedFor() throws Exception {
    stage.books.lockedBy("alice", 3);

    assertThat(stage.deployer().deploy(Stage.order(Images.NEW, "two")).passed()).isTrue();
  }

  @Test
  void twoCommandsOfOneRunShareTheLockAndTheRecordWhichTheVerificationEnds() throws Exception {
    for (String origin : List.of(Stage.PRIMARY, Stage.STANDBY)) {
      assertThat(stage.deployer(origin).deploy(partOfRun(origin)).passed()).isTrue();
    }
    assertThat(stage.books.isLocked()).isTrue();
    assertThat(stage.books.releases()).hasSize(1);
    assertThat(stage.books.releases().getFirst().path("origins")).hasSize(2);
    Site site = stage.site();

    Verification.Result result =
        new Verification(site, stage.announcements(site), stage.watcher())
            .verify(Optional.of("run 7"), true, java.time.Duration.ofSeconds(10));

    assertThat(result.problem()).isEmpty();
    assertThat(stage.books.releases().getFirst().path("state").asString()).isEqualTo("succeeded");
  }

  private static Order partOfRun(String origin) {
    return new Order(
        Action.DEPLOY,
        Images.NEW,
        "two",
        Strategy.SIMULTANEOUS,
        Set.of(origin),
        Set.of(),
        false,
        false,
        "a workflow",
        Optional.of("run 7"),
        Stage.limits());
  }

  @Test
  void aPreviewTellsEveryCallAndChangesNothing() throws Exception {
    stage.deployer().preview(Stage.order(Images.NEW, "two"));

    assertThat(stage.told)
        .hasSize(2)
        .anyMatch(line -> line.startsWith("koyeb-primary: PATCH /v1/services/"))
        .anyMatch(line -> line.startsWith("flyio-standby: POST /apps/notes/machines/"));
    assertThat(stage.koyeb.calls("(PATCH|POST) .*")).isEmpty();
    assertThat(stage.fly.calls("POST .*")).isEmpty();
    assertThat(stage.books.releases()).isEmpty();
  }

  @Test
  void aRollbackBringsBackWhatWasThereWithItsEnvironment() throws Exception {
    stage.deployer().deploy(Stage.order(Images.NEW, "two"));
    Rollbacks.Earlier earlier = new Rollbacks(stage.site()).previous(Set.of());
    assertThat(earlier.image()).isEqualTo(Images.OLD);

    Order order = Stage.order(earlier.image(), earlier.release());
    Outcome outcome =
        stage
            .deployer()
            .deploy(
                new Order(
                    Action.ROLLBACK,
                    order.image(),
                    order.release(),
                    order.strategy(),
                    order.only(),
                    order.secrets(),
                    false,
                    true,
                    "bob",
                    Optional.empty(),
                    order.limits()));

    assertThat(outcome.problem()).isEmpty();
    assertBothRun(Stage.OLD);
    assertThat(stage.koyeb.serving().path("env").toString()).contains("\"one\"");
  }

  private void assertBothRun(String digest) {
    assertThat(stage.running(Stage.PRIMARY)).isEqualTo(digest);
    assertThat(stage.running(Stage.STANDBY)).isEqualTo(digest);
  }
}
