package com.mcpist.deploy.release;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.mcpist.deploy.admin.AdminPath.ReleaseRecord.State;
import com.mcpist.deploy.edgeclient.EdgeControl.EdgeAdmin;
import com.mcpist.deploy.platform.Images;
import com.mcpist.deploy.release.Order.Strategy;
import com.mcpist.deploy.secret.Secret;
import com.mcpist.testkit.Behaviour;
import com.mcpist.testkit.FaultServer;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** When a deployment may begin, and who waits for whom. */
class DeployerTurnTest {
  private final Stage stage = new Stage();

  @AfterEach
  void nothingIsHeld() throws Exception {
    stage.close();
    assertThat(stage.koyeb.violations()).isEmpty();
    assertThat(stage.fly.violations()).isEmpty();
    assertThat(stage.books.isLocked()).isFalse();
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
        new Order.Terms(
            true,
            order.terms().verify(),
            order.terms().who(),
            order.terms().run(),
            order.terms().limits()));
  }

  @Test
  void whoComesSecondIsToldWhoDeploysAndSinceWhen() throws Exception {
    stage.books.lockedBy("alice", 60);

    assertThatExceptionOfType(DeployException.class)
        .isThrownBy(() -> stage.deployer().deploy(Stage.order(Images.NEW, "two")))
        .withMessageContaining("alice deploys (a test), since 2026-11-25T00:00:00Z");
    assertThat(stage.told).anyMatch(line -> line.startsWith("Waiting: alice deploys"));
    assertBothRun(Stage.OLD);
    stage.time.clock().advance(Duration.ofMinutes(2));
  }

  @Test
  void aLockWhoseOwnerDiedIsWaitedFor() throws Exception {
    stage.books.lockedBy("alice", 3);

    assertThat(stage.deployer().deploy(Stage.order(Images.NEW, "two")).passed()).isTrue();
  }

  @Test
  void twoCommandsOfOneRunShareTheLockAndTheRecordWhichTheVerificationEnds() throws Exception {
    for (String origin : List.of(Stage.PRIMARY, Stage.STANDBY)) {
      assertThat(stage.deployer(origin).deploy(Stage.partOfRun(Images.NEW, "two", origin)).passed())
          .isTrue();
    }
    assertThat(stage.books.isLocked()).isTrue();
    assertThat(stage.books.releases()).hasSize(1);
    assertThat(stage.books.releases().getFirst().path("origins")).hasSize(2);
    Site site = stage.site();

    Verification.Result result =
        new Verification(site, stage.announcements(site), stage.watcher())
            .verify(Optional.of("run 7"), true, Duration.ofSeconds(10));

    assertThat(result.problem()).isEmpty();
    assertThat(stage.books.releases().getFirst().path("state").asString()).isEqualTo("succeeded");
  }

  @Test
  void aRunWithNothingToDeployLeavesNoLock() throws Exception {
    stage.deployer().deploy(Stage.order(Images.NEW, "two"));

    stage.deployer(Stage.PRIMARY).deploy(Stage.partOfRun(Images.NEW, "two", Stage.PRIMARY));

    assertThat(stage.books.isLocked()).isFalse();
  }

  @Test
  void whereTheEdgeSendsTheOtherOneNothingItIsRefusedAndTold() throws Exception {
    try (FaultServer edge = FaultServer.start()) {
      edge.always(
          Behaviour.answer(
              200,
              """
              {"origins": [{"name": "koyeb-primary", "state": "drained", "active": false},
                           {"name": "flyio-standby", "state": "healthy", "active": true}]}
              """));
      EdgeAdmin admin = new EdgeAdmin(URI.create(edge.url()), Secret.of("a token"), stage.time);

      assertThatExceptionOfType(DeployException.class)
          .isThrownBy(
              () -> stage.deployer(Optional.of(admin)).deploy(Stage.order(Images.NEW, "two")))
          .withMessageContaining("koyeb-primary is drained. While flyio-standby changes");
    }
    assertThat(stage.notices()).hasSize(1);
    assertBothRun(Stage.OLD);
  }

  @Test
  void whereTheOtherOneIsDrainedMeanwhileNothingMoreIsChanged() throws Exception {
    try (FaultServer edge = FaultServer.start()) {
      // Drained once the standby has the release and is verified.
      edge.handle(
          _ -> status(stage.told.contains("Verifying flyio-standby") ? "drained" : "healthy"));
      EdgeAdmin admin = new EdgeAdmin(URI.create(edge.url()), Secret.of("a token"), stage.time);

      Outcome outcome =
          stage
              .deployer(Optional.of(admin))
              .deploy(Stage.order(Images.NEW, "two", Strategy.STANDBY_FIRST));

      assertThat(outcome.state()).isEqualTo(State.FAILED);
      assertThat(outcome.problem())
          .contains("nothing more is changed: flyio-standby is drained. While koyeb-primary");
    }
    assertThat(stage.running(Stage.PRIMARY)).as("it serves alone").isEqualTo(Stage.OLD);
    assertThat(stage.running(Stage.STANDBY)).as("nobody looks there").isEqualTo(Stage.NEW);
    assertThat(stage.koyeb.calls("PATCH .*")).isEmpty();
    assertThat(stage.deployer().deploy(Stage.order(Images.NEW, "two")).passed()).isTrue();
  }

  private static Behaviour status(String standby) {
    return Behaviour.answer(
        200,
        """
        {"origins": [{"name": "koyeb-primary", "state": "healthy", "active": true},
                     {"name": "flyio-standby", "state": "%s", "active": false}]}
        """
            .formatted(standby));
  }

  private void assertBothRun(String digest) {
    assertThat(stage.running(Stage.PRIMARY)).isEqualTo(digest);
    assertThat(stage.running(Stage.STANDBY)).isEqualTo(digest);
  }
}
