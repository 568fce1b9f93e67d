package com.mcpist.deploy.release;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.mcpist.deploy.VerificationRollback;
import com.mcpist.deploy.config.Auth.Admission;
import com.mcpist.deploy.platform.Images;
import com.mcpist.deploy.verify.Entrance;
import com.mcpist.deploy.verify.OriginClient;
import com.mcpist.deploy.verify.Verifier.Finding.Check;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A machine that verifies has no network to what it verifies: the release is good all the same. */
class UnseenReleaseTest {
  private static final Duration TIMEOUT = Duration.ofSeconds(10);

  private final Stage stage = new Stage();

  @BeforeEach
  void bringOut() throws Exception {
    assertThat(stage.deployer().deploy(Stage.order(Images.NEW, "two")).passed()).isTrue();
  }

  @AfterEach
  void close() throws Exception {
    stage.close();
    assertThat(stage.fly.isLeased(Stage.MACHINE)).isFalse();
  }

  private Verification.Result verify() throws Exception {
    return verify(TIMEOUT);
  }

  private Verification.Result verify(Duration limit) throws Exception {
    Site site = stage.site();
    return new Verification(site, stage.announcements(site), stage.watcher())
        .verify(Optional.empty(), false, limit);
  }

  private void isUnseen(Verification.Result result) {
    assertThat(result.passed()).isFalse();
    assertThat(result.isUnseen()).isTrue();
    assertThat(result.isBad()).isFalse();
  }

  @Test
  void bothOriginsThatCannotBeReachedKeepTheRelease() throws Exception {
    stage.primary.cut = true;
    stage.standby.cut = true;

    isUnseen(verify());
    assertThat(stage.told)
        .anyMatch(told -> told.startsWith("koyeb-primary and flyio-standby cannot be reached"));
  }

  @Test
  void aStandbyThatADeployerCannotReachKeepsTheReleaseAndThePrimaryIsNotChanged() throws Exception {
    stage.inTheMiddle.put("Deploying three to flyio-standby", () -> stage.standby.cut = true);

    Outcome outcome =
        stage
            .deployer()
            .deploy(Stage.order(Images.image("3"), "three", Order.Strategy.STANDBY_FIRST));

    assertThat(outcome.result()).isInstanceOf(Outcome.Result.Unseen.class);
    assertThat(stage.running(Stage.STANDBY)).isEqualTo(Images.image("3").digest().orElseThrow());
    assertThat(stage.running(Stage.PRIMARY)).isEqualTo(Stage.NEW);
    assertThat(stage.told).noneMatch(told -> told.startsWith("Giving back"));
    assertThat(stage.notices()).singleElement().asString().contains("`mcpist verify` asks again");
    isNotCountedAsGood();
  }

  @Test
  void aReleaseThatADeployerCouldNotVerifyIsNotCountedAsGood() throws Exception {
    stage.inTheMiddle.put(
        "Verifying koyeb-primary and flyio-standby", () -> stage.standby.cut = true);

    Outcome outcome = stage.deployer().deploy(Stage.order(Images.image("3"), "three"));

    assertThat(outcome.result()).isInstanceOf(Outcome.Result.Unseen.class);
    assertThat(stage.running(Stage.STANDBY)).isEqualTo(Images.image("3").digest().orElseThrow());
    isNotCountedAsGood();
  }

  /** A rollback must not bring back a release that nobody has seen working. */
  private void isNotCountedAsGood() throws Exception {
    Rollbacks.Earlier good = new Rollbacks(stage.site()).lastGood(Optional.empty());
    assertThat(good.release()).isEqualTo("two");
  }

  @Test
  void aRunWhoseRecordCannotBeReadIsNotEndedAndSaysSo() throws Exception {
    loseTheNetworkForAWhile();
    Site site = stage.site();

    Verification.Result result =
        new Verification(site, stage.announcements(site), stage.watcher())
            .verify(Optional.of("run 7"), false, TIMEOUT);

    isUnseen(result);
    assertThat(result.findings().stream().filter(finding -> !finding.passed()))
        .singleElement()
        .satisfies(
            finding -> {
              assertThat(finding.check()).isEqualTo(Check.RUN_ENDED);
              assertThat(finding.advice()).isEqualTo("Run `mcpist verify --run run 7` again");
            });
  }

  @Test
  void aRunWhoseLockSomebodyElseHasIsNotEndedAndSaysSo() throws Exception {
    Order part = Stage.partOfRun(Images.image("3"), "three", Stage.PRIMARY);
    assertThat(stage.deployer(Stage.PRIMARY).deploy(part).passed()).isTrue();
    stage.books.lockedBy("alice", 100);
    Site site = stage.site();

    Verification.Result result =
        new Verification(site, stage.announcements(site), stage.watcher())
            .verify(Optional.of("run 7"), false, TIMEOUT);

    assertThat(result.findings())
        .filteredOn(finding -> finding.check() == Check.RUN_ENDED)
        .singleElement()
        .satisfies(finding -> assertThat(finding.seen()).contains("alice"));
    assertThat(stage.books.releases().getLast().path("state").asString()).isEqualTo("running");
  }

  @Test
  void oneOriginThatCannotBeReachedKeepsTheRelease() throws Exception {
    stage.standby.cut = true;

    isUnseen(verify());
  }

  @Test
  void anEdgeThatCannotBeReachedKeepsTheRelease() throws Exception {
    URI nobody = URI.create("http://127.0.0.1:1");
    OriginClient client = new OriginClient(nobody, List.of(), stage.time);
    stage.entrance = Optional.of(new Entrance(client, Admission.OPEN));

    Verification.Result result = verify();

    assertThat(result.passed()).isFalse();
    assertThat(result.isBad()).isFalse();
  }

  /** Cuts both origins off until the verification begins to wait for an answer. */
  private void loseTheNetworkForAWhile() {
    stage.primary.cut = true;
    stage.standby.cut = true;
    stage.inTheMiddle.put(
        "Waiting for an answer",
        () -> {
          stage.primary.cut = false;
          stage.standby.cut = false;
        });
  }

  @Test
  void aNetworkThatComesBackIsWaitedFor() throws Exception {
    loseTheNetworkForAWhile();

    assertThat(verify().passed()).isTrue();
  }

  /** Tests each place in a round of questions at which the network may come back. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6})
  void aNetworkThatComesBackInTheMiddleOfARoundIsWaitedFor(int lost) throws Exception {
    stage.primary.cutFor.set(lost);

    assertThat(verify(Duration.ZERO).passed()).isTrue();
  }

  @Test
  void anOriginThatAnswersSomeQuestionsAndNotOthersIsBadInTheEnd() throws Exception {
    stage.primary.spoil(Stage.NEW, StandInOrigin.Fault.HANGS);

    Verification.Result result = verify();

    assertThat(result.isBad()).isTrue();
    assertThat(result.problem()).contains("tools/list");
  }

  @Test
  void aPlatformThatCannotBeReachedEitherSaysNothing() throws Exception {
    stage.standby.cut = true;
    stage.fly.close();

    isUnseen(verify());
    assertThat(stage.told).anyMatch(told -> told.startsWith("How flyio-standby is, is not known"));
  }

  @Test
  void aPlatformThatSaysThatTheOriginIsBadDecides() throws Exception {
    stage.standby.cut = true;
    stage.fly.state(Stage.MACHINE, "stopped");

    Verification.Result result = verify();

    assertThat(result.isBad()).isTrue();
    assertThat(result.problem()).contains("its platform says");
    assertThat(result.knowsBadOrigins()).isTrue();
  }

  @Test
  void anOriginThatAnswersWithAnErrorDecides() throws Exception {
    stage.primary.spoil(Stage.NEW, StandInOrigin.Fault.ERRORS);
    stage.standby.cut = true;

    Verification.Result result = verify();

    assertThat(result.isBad()).isTrue();
    assertThat(result.knowsBadOrigins()).isFalse();
  }

  @Test
  void aRollbackDoesNotGoOnWithoutLockForLackOfAnAnswer() throws Exception {
    stage.primary.spoil(Stage.NEW, StandInOrigin.Fault.ERRORS);
    stage.standby.cut = true;
    Verification.Result bad = verify();
    stage.primary.cut = true;
    Site site = stage.site();
    VerificationRollback rollback =
        new VerificationRollback(
            site, stage.deployer(), Optional.empty(), Set.of(), "bob", stage.watcher());

    assertThatExceptionOfType(DeployException.class).isThrownBy(() -> rollback.take(bad, _ -> {}));
    assertThat(stage.running(Stage.PRIMARY)).isEqualTo(Stage.NEW);
    assertThat(stage.running(Stage.STANDBY)).isEqualTo(Stage.NEW);
  }
}
