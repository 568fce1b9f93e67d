package com.mcpist.deploy.platform.fly;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.mcpist.deploy.platform.Images;
import com.mcpist.deploy.platform.PlatformException;
import com.mcpist.deploy.platform.PlatformException.Kind;
import com.mcpist.deploy.platform.Rollout;
import com.mcpist.deploy.secret.Secret;
import com.mcpist.testkit.vendor.Fault;
import com.mcpist.testkit.vendor.FlyServer;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Each fault is a clear error and leaves no lease (which the base class looks at), and the same
 * call made again finishes the work.
 */
class FlyFaultTest extends FlyTest {
  private static final String UPDATE = "POST /v1/apps/notes/machines/[^/]+";
  private static final String UPDATE_TWO = "POST /v1/apps/notes/machines/" + TWO;
  private static final String LEASE = "POST /v1/apps/notes/machines/[^/]+/lease";
  private static final String LEASE_TWO = "POST /v1/apps/notes/machines/" + TWO + "/lease";

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          401 | UNAUTHORIZED    | fly: update machine 148e21ea7d4589: HTTP 401: what the vendor says. Check FLY_API_TOKEN
          403 | UNAUTHORIZED    | may not do this
          404 | NOT_FOUND       | Check app and machines in mcpist.yml
          409 | CONFLICT        | Somebody else is changing it
          412 | CONFLICT        | Somebody else is changing it
          422 | REJECTED        | what the vendor says
          408 | UNAVAILABLE     | run it again
          500 | UNKNOWN_OUTCOME | The platform does not show that it has acted
          """)
  void anErrorIsToldInTheVendorsWordsAndTheNextRunFinishes(int status, Kind kind, String text)
      throws Exception {
    fly.fail(UPDATE, Fault.status(status, "{\"error\": \"what the vendor says\"}"));

    failed(kind, text);
    assertThat(fly.calls(UPDATE)).as("a change is sent once").hasSize(1);
    assertThat(fly.isCordoned(ONE)).as("the release before serves on").isFalse();
    finishes();
  }

  @Test
  void aProcessThatEndsAtItsStartFailsAtOnceThoughFlyStartsItAgain() throws Exception {
    fly.next(List.of("starting", "started"), List.of("critical"));
    fly.endsAfterTheNextUpdate(1);
    Instant began = time.now();

    failed(Kind.FAILED, "its process ended with exit code 1");
    assertThat(Duration.between(began, time.now())).isLessThan(Duration.ofMinutes(1));
    fly.next(FlyServer.USUAL_STATES, FlyServer.USUAL_CHECKS);
    var _ = deployed();
    assertThat(updates()).as("the same release is started again").containsExactly(2, 1);
  }

  @Test
  void anErrorAtTheSecondMachineIsFinishedByTheNextRun() throws Exception {
    fly.fail(UPDATE_TWO, Fault.status(500, ""));

    failed(Kind.UNKNOWN_OUTCOME, "update machine " + TWO);
    assertThat(updates()).containsExactly(1, 0);
    finishes();
  }

  @Test
  void aLeaseThatIsHeldSaysByWhomAndUntilWhenAndNothingIsChanged() throws Exception {
    fly.leasedBySomebodyElse(TWO, "flyctl deploy", Duration.ofSeconds(60));

    failed(
        Kind.CONFLICT,
        "fly: lease machine "
            + TWO
            + ": it is leased by alice@example.com (flyctl deploy) until 2026-11-25T00:01:00Z."
            + " Wait until then");
    assertThat(updates()).containsExactly(0, 0);
    time.sleep(Duration.ofSeconds(61));
    finishes();
  }

  @Test
  void aCutBeforeItActedIsAnErrorAndTheNextRunFinishes() throws Exception {
    fly.fail(UPDATE, new Fault.Cut(false));

    failed(Kind.UNKNOWN_OUTCOME, "the connection broke off before the answer");
    assertThat(fly.calls(UPDATE)).hasSize(1);
    assertThat(fly.isCordoned(ONE)).isFalse();
    finishes();
  }

  @Test
  void aCutAfterItActedIsSeenInTheStateAndGoesOn() throws Exception {
    fly.fail(UPDATE, new Fault.Cut(true));
    fly.fail(UPDATE_TWO, new Fault.CutInAnswer());

    deployed();
    assertThat(updates()).containsExactly(1, 1);
  }

  @Test
  void aLeaseWhoseAnswerIsCutIsFoundAgain() throws Exception {
    fly.fail(LEASE, new Fault.Cut(true));
    fly.fail(LEASE_TWO, new Fault.CutInAnswer());

    finishes();
  }

  @Test
  void aLeaseThatIsLostOnTheWayIsAnErrorAndTheOtherIsGivenBack() throws Exception {
    fly.fail(LEASE_TWO, new Fault.Cut(false));

    failed(Kind.UNKNOWN_OUTCOME, "lease machine " + TWO);
    finishes();
  }

  @Test
  void aLeaseIsGivenBackThoughItsReleaseFailsAtFirst() throws Exception {
    fly.fail("DELETE .*", Fault.status(500, ""), new Fault.Cut(false), Fault.status(429, ""));

    finishes();
  }

  @Test
  void aFailureOfWhatMayBeDoneTwiceDoesNotSayThatNothingHappened() {
    fly.fail(
        "POST .*/secrets", Collections.nCopies(5, Fault.status(502, "")).toArray(Fault[]::new));

    assertThatExceptionOfType(PlatformException.class)
        .isThrownBy(() -> platform.putSecrets(Map.of("A", Secret.of("value")), deadline))
        .satisfies(e -> assertThat(e.kind()).isEqualTo(Kind.UNAVAILABLE))
        .withMessageContaining("it may have acted, and a second time does no harm");
  }

  @Test
  void tooManyRequestsWaits() throws Exception {
    fly.fail(UPDATE, Fault.status(429, "{\"error\": \"rate limit\"}"));
    fly.fail("GET .*/wait", Fault.tooMany("Retry-After", 3));

    finishes();
  }

  @Test
  void theVendorsLimitIsKeptWithoutBeingTold() throws Exception {
    for (int i = 0; i < 10; i++) {
      platform.current(time.minutes(1));
    }

    assertThat(fly.calls("GET /v1/apps/notes/machines")).as("none was refused").hasSize(10);
  }

  @Test
  void anOutageWhileWaitingIsWaitedThrough() throws Exception {
    fly.fail("GET .*/wait", Collections.nCopies(7, Fault.status(503, "")).toArray(Fault[]::new));
    fly.fail("GET .*/wait", new Fault.Cut(false));

    finishes();
  }

  @Test
  void aMachineThatSomebodyElseChangesIsAConflict() throws Exception {
    try (Rollout rollout = platform.deploy(Images.WANTED, deadline)) {
      fly.changedBySomebodyElse(ONE);
      assertThatExceptionOfType(PlatformException.class)
          .isThrownBy(() -> rollout.awaitHealthy(step -> {}, deadline))
          .satisfies(e -> assertThat(e.kind()).isEqualTo(Kind.CONFLICT));
    }
  }

  @Test
  void anInterruptedWaitGivesItsLeasesBack() throws Exception {
    fly.next(List.of("starting"), List.of("passing"));
    AtomicReference<Throwable> end = new AtomicReference<>();
    Thread waiting =
        Thread.ofVirtual()
            .start(
                () -> {
                  try (Rollout rollout = platform.deploy(Images.WANTED, deadline)) {
                    rollout.awaitHealthy(step -> Thread.currentThread().interrupt(), deadline);
                  } catch (Throwable e) {
                    end.set(e);
                  }
                });
    waiting.join();

    assertThat(end.get()).isInstanceOf(InterruptedException.class);
    assertThat(fly.isLeased(ONE)).isFalse();
    assertThat(fly.isLeased(TWO)).isFalse();
  }

  @Test
  void aDeadlineInTheMiddleGivesTheLeasesBack() throws Exception {
    fly.next(List.of("starting"), List.of("passing"));

    failed(Kind.DEADLINE, "it is still starting");
    assertThat(fly.isLeased(TWO)).isFalse();
  }

  private void failed(Kind kind, String text) {
    assertThatExceptionOfType(PlatformException.class)
        .isThrownBy(this::deployed)
        .satisfies(e -> assertThat(e.kind()).isEqualTo(kind))
        .withMessageContaining(text)
        .withMessageNotContaining("\n")
        .withMessageNotContaining(TOKEN);
  }

  private void finishes() throws Exception {
    try (Rollout rollout = platform.deploy(Images.WANTED, time.minutes(10))) {
      assertThat(rollout.awaitHealthy(step -> {}, time.minutes(10)).image()).contains(Images.NEW);
    }
    assertThat(updates()).containsExactly(1, 1);
    assertThat(fly.isCordoned(ONE)).isFalse();
    assertThat(fly.isCordoned(TWO)).isFalse();
  }
}
