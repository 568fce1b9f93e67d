package com.mcpist.deploy.release;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.deploy.admin.AdminPath.ReleaseRecord.State;
import com.mcpist.deploy.platform.Images;
import com.mcpist.deploy.release.Order.Strategy;
import com.mcpist.deploy.verify.Verifier.Finding.Check;
import com.mcpist.testkit.vendor.Fault;
import java.time.Duration;
import java.time.Instant;
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
    stage.onTheWayBack =
        () ->
            stage.fly.fail(
                "POST /v1/apps/notes/machines/[^/]+/lease",
                new Fault.Status(403, Map.of(), "{\"error\": \"no\"}"));

    Outcome outcome = stage.deployer().deploy(Stage.order(Images.NEW, "two"));

    assertThat(outcome.state()).isEqualTo(State.FAILED);
    assertThat(outcome.origins())
        .extracting(Outcome.Part::result)
        .containsExactly("returned", "stuck");
    assertThat(stage.running(Stage.PRIMARY)).isEqualTo(Stage.OLD);
    assertThat(stage.running(Stage.STANDBY)).isEqualTo(Stage.NEW);
    assertThat(stage.notices().getLast()).contains("`mcpist rollback` brings back what was good");
  }

  @Test
  void aRollbackThatFailsGivesNothingBack() throws Exception {
    stage.deployer().deploy(Stage.order(Images.NEW, "two"));
    stage.standby.spoil(Stage.OLD, StandInOrigin.Fault.ERRORS);

    Outcome outcome = stage.deployer().deploy(Stage.rollback(Images.OLD, "one"));

    assertThat(outcome.state()).isEqualTo(State.FAILED);
    assertBothRun(Stage.OLD);
  }

  @Test
  void aRollbackDoesNotWaitForAPlatformThatDoesNotAnswer() throws Exception {
    stage.deployer().deploy(Stage.order(Images.NEW, "two"));
    Fault down = new Fault.Status(401, Map.of(), "{\"message\": \"expired\"}");
    stage.koyeb.fail("GET .*", down);

    Outcome outcome = stage.deployer().deploy(Stage.rollback(Images.OLD, "one"));

    assertThat(outcome.state()).isEqualTo(State.FAILED);
    assertThat(outcome.problem()).contains("koyeb-primary: koyeb: ");
    assertThat(stage.running(Stage.STANDBY)).isEqualTo(Stage.OLD);
  }

  @Test
  void whatABrokenOffDeploymentHasBroughtOutIsGivenBackToo() throws Exception {
    stage.deployer(Stage.PRIMARY).deploy(Stage.partOfRun(Images.NEW, "two", Stage.PRIMARY));
    stage.time.clock().advance(Duration.ofHours(1));
    stage.standby.spoil(Stage.NEW, StandInOrigin.Fault.ERRORS);

    Outcome outcome = stage.deployer().deploy(Stage.order(Images.NEW, "two"));

    assertThat(stage.books.releases().getFirst().path("state").asString()).isEqualTo("failed");
    assertThat(stage.books.releases().getFirst().path("detail").asString()).contains("broke off");
    assertThat(outcome.problem()).contains("flyio-standby: tools/list");
    assertThat(outcome.state()).isEqualTo(State.RETURNED);
    assertBothRun(Stage.OLD);
  }

  @Test
  void mountsGoToBothAndAreVerified() throws Exception {
    stage.env = Map.of("MOUNTS", "{\"mcpServers\":{}}");
    stage.standby.mounts =
        "{\"mounts\":[{\"name\":\"x\",\"state\":\"failed\",\"problem\":\"no npx\",\"tools\":[]}]}";

    Outcome outcome = stage.deployer().deploy(Stage.order(Images.OLD, "one"));

    assertThat(outcome.problem()).isEmpty();
    assertThat(outcome.warnings()).containsExactly("flyio-standby: mount x: no npx");
    assertThat(stage.mounts(Stage.PRIMARY)).isEqualTo("{\"mcpServers\":{}}");
    assertThat(stage.mounts(Stage.STANDBY)).isEqualTo(stage.mounts(Stage.PRIMARY));
    assertThat(outcome.findings())
        .anySatisfy(finding -> assertThat(finding.check()).isEqualTo(Check.SAME_MOUNTS));
  }

  @Test
  void theSameImageWithOtherMountsGoesBackToThoseThatItHad() throws Exception {
    stage.env = Map.of("MOUNTS", "{\"mcpServers\":{}}");
    stage.deployer().deploy(Stage.order(Images.OLD, "one"));
    stage.env = Map.of("MOUNTS", "{\"mcpServers\":{\"bad\":{}}}");
    stage.inTheMiddle.put(
        "Verifying koyeb-primary and flyio-standby",
        () -> stage.standby.spoil(Stage.OLD, StandInOrigin.Fault.ERRORS));

    Outcome outcome = stage.deployer().deploy(Stage.order(Images.OLD, "one"));

    assertThat(outcome.state()).isEqualTo(State.RETURNED);
    assertThat(outcome.origins()).extracting(Outcome.Part::result).containsOnly("returned");
    assertThat(stage.mounts(Stage.PRIMARY)).isEqualTo("{\"mcpServers\":{}}");
    assertThat(stage.mounts(Stage.STANDBY)).isEqualTo("{\"mcpServers\":{}}");
    assertBothRun(Stage.OLD);
  }

  @Test
  void originsWithDifferentMountsAreFound() throws Exception {
    stage.env = Map.of("MOUNTS", "{\"mcpServers\":{}}");
    stage.deployer(Stage.PRIMARY).deploy(Stage.partOfRun(Images.OLD, "one", Stage.PRIMARY));
    stage.time.clock().advance(Duration.ofHours(1));

    assertThat(
            new Inspection(stage.site(), stage.watcher())
                .look(
                    stage.site().names(),
                    Optional.empty(),
                    Duration.ofSeconds(1),
                    Inspection.NewEntrance.LEAVE)
                .problem())
        .contains("all: one mounts.json: expected the same everywhere, seen different ones");
  }

  @Test
  void whereNothingWasChangedNothingIsTakenBack() throws Exception {
    stage.deployer().deploy(Stage.order(Images.NEW, "two"));
    stage.standby.spoil(Stage.NEW, StandInOrigin.Fault.ERRORS);

    Outcome outcome = stage.deployer().deploy(Stage.order(Images.NEW, "two"));

    assertThat(outcome.state()).isEqualTo(State.FAILED);
    assertThat(outcome.changed()).isFalse();
    assertBothRun(Stage.NEW);
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

    Outcome outcome = stage.deployer().deploy(Stage.rollback(earlier.image(), earlier.release()));

    assertThat(outcome.problem()).isEmpty();
    assertBothRun(Stage.OLD);
    assertThat(stage.koyeb.serving().path("env").toString()).contains("\"one\"");
  }

  private void assertBothRun(String digest) {
    assertThat(stage.running(Stage.PRIMARY)).isEqualTo(digest);
    assertThat(stage.running(Stage.STANDBY)).isEqualTo(digest);
  }

  @Test
  void whenOneFailsNobodyWaitsForTheOther() throws Exception {
    stage.koyeb.next(List.of("PENDING", "ERROR"));
    stage.fly.next(List.of("started"), List.of("critical"));
    Instant began = stage.time.now();

    Outcome outcome = stage.deployer().deploy(Stage.order(Images.NEW, "two"));

    assertThat(outcome.passed()).isFalse();
    assertThat(outcome.problem()).contains("given up when " + Stage.PRIMARY + " had failed");
    // Without that the standby has ten minutes to become healthy, and as much to go back.
    assertThat(Duration.between(began, stage.time.now())).isLessThan(Duration.ofMinutes(15));
  }
}
