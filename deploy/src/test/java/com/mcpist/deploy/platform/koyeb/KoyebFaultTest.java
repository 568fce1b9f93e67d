package com.mcpist.deploy.platform.koyeb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.mcpist.deploy.platform.Images;
import com.mcpist.deploy.platform.Platform.Release.State;
import com.mcpist.deploy.platform.PlatformException;
import com.mcpist.deploy.platform.PlatformException.Kind;
import com.mcpist.deploy.platform.Rollout;
import com.mcpist.deploy.secret.Secret;
import com.mcpist.testkit.vendor.Fault;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Each fault is a clear error, and the same call made again finishes the work. */
class KoyebFaultTest extends KoyebTest {
  private static final String GET_SERVICE = "GET /v1/services/.*";
  private static final String UPDATE = "PATCH /v1/services/.*";

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          401 | UNAUTHORIZED    | koyeb: update service 8b2a91f0-6c3d-4e5f-9a7b-1c2d3e4f5a6b: HTTP 401: what the vendor says; field is wrong. Check KOYEB_TOKEN
          403 | UNAUTHORIZED    | may not do this
          404 | NOT_FOUND       | Check app and service in mcpist.yml
          409 | CONFLICT        | Somebody else is changing it
          400 | REJECTED        | what the vendor says; field is wrong
          408 | UNAVAILABLE     | run it again
          500 | UNKNOWN_OUTCOME | The platform does not show that it has acted
          503 | UNKNOWN_OUTCOME | run it again
          """)
  void anErrorIsToldInTheVendorsWordsAndTheNextRunFinishes(int status, Kind kind, String text)
      throws Exception {
    koyeb.fail(
        UPDATE,
        Fault.status(
            status,
            "{\"status\":1,\"code\":\"x\",\"message\":\"what the vendor says\",\"fields\":"
                + "[{\"field\":\"field\",\"description\":\"is wrong\"}]}"));

    failed(kind, text);
    assertThat(koyeb.calls(UPDATE)).as("a change is sent once").hasSize(1);
    finishes();
  }

  @Test
  void aCutBeforeItActedIsAnErrorAndTheNextRunFinishes() throws Exception {
    koyeb.fail(UPDATE, new Fault.Cut(false));

    failed(Kind.UNKNOWN_OUTCOME, "the connection broke off before the answer");
    assertThat(koyeb.calls(UPDATE)).hasSize(1);
    finishes();
  }

  @Test
  void aCutAfterItActedIsSeenInTheStateAndGoesOn() throws Exception {
    koyeb.fail(UPDATE, new Fault.Cut(true));

    assertThat(deployed().image()).contains(Images.NEW);
    assertThat(koyeb.calls(UPDATE)).hasSize(1);
    assertThat(koyeb.deployments()).isEqualTo(2);
  }

  @Test
  void anAnswerThatIsCutOrNoJsonIsSeenInTheStateToo() throws Exception {
    koyeb.fail(UPDATE, new Fault.CutInAnswer());
    deployed();
    koyeb.fail("POST .*/redeploy", new Fault.Garbage());
    try (Rollout rollout = platform.restart(deadline)) {
      assertThat(rollout.awaitHealthy(step -> {}, deadline).state()).isEqualTo(State.HEALTHY);
    }
    assertThat(koyeb.deployments()).isEqualTo(3);
  }

  @Test
  void readingIsTriedAgain() throws Exception {
    koyeb.fail(
        GET_SERVICE, Fault.status(503, ""), new Fault.Cut(false), Fault.status(502, "<html>"));

    assertThat(deployed().image()).contains(Images.NEW);
  }

  @Test
  void readingThatFailsAgainAndAgainIsAnErrorWithoutAnEffect() throws Exception {
    koyeb.fail(GET_SERVICE, Collections.nCopies(5, Fault.status(500, "")).toArray(Fault[]::new));

    failed(Kind.UNAVAILABLE, "HTTP 500. Nothing has been changed by this call");
    finishes();
  }

  @Test
  void tooManyRequestsWaitsAsLongAsTheVendorSaysAlsoWithAChange() throws Exception {
    koyeb.fail(UPDATE, Fault.tooMany("x-ratelimit-reset", 37));
    Instant before = time.now();

    deployed();
    assertThat(Duration.between(before, time.now())).isGreaterThan(Duration.ofSeconds(37));
    assertThat(koyeb.deployments()).isEqualTo(2);
  }

  @Test
  void tooManyRequestsForLongerThanThereIsTimeIsSaidAtOnce() throws Exception {
    koyeb.fail(UPDATE, Fault.tooMany("x-ratelimit-reset", 3600));
    Instant before = time.now();

    failed(Kind.RATE_LIMITED, "run it again in 3600 s");
    assertThat(Duration.between(before, time.now())).isLessThan(Duration.ofMinutes(1));
    finishes();
  }

  @Test
  void anOutageWhileWaitingIsWaitedThrough() throws Exception {
    koyeb.fail(
        "GET /v1/deployments/d0000002",
        Collections.nCopies(12, Fault.status(503, "")).toArray(Fault[]::new));

    assertThat(deployed().image()).contains(Images.NEW);
  }

  @Test
  void anOutageUntilTheDeadlineIsToldWithTheLastState() throws Exception {
    try (Rollout rollout = platform.deploy(Images.WANTED, deadline)) {
      koyeb.fail(
          "GET /v1/deployments/d0000002",
          Collections.nCopies(10_000, Fault.status(503, "")).toArray(Fault[]::new));
      assertThatExceptionOfType(PlatformException.class)
          .isThrownBy(() -> rollout.awaitHealthy(step -> {}, deadline))
          .satisfies(e -> assertThat(e.kind()).isEqualTo(Kind.DEADLINE))
          .withMessageContaining("HTTP 503");
    }
  }

  @Test
  void aVendorThatCannotBeReachedIsNamed() throws Exception {
    koyeb.close();

    failed(Kind.UNAVAILABLE, "cannot be reached");
  }

  @Test
  void aWaitEndsWhenItsThreadIsInterrupted() throws Exception {
    koyeb.next(java.util.List.of("STARTING"));
    AtomicReference<Throwable> end = new AtomicReference<>();
    try (Rollout rollout = platform.deploy(Images.WANTED, deadline)) {
      Thread waiting =
          Thread.ofVirtual()
              .start(
                  () -> {
                    try {
                      rollout.awaitHealthy(
                          step -> Thread.currentThread().interrupt(), time.minutes(10_000_000));
                    } catch (Throwable e) {
                      end.set(e);
                    }
                  });
      waiting.join();
    }
    assertThat(end.get()).isInstanceOf(InterruptedException.class);
  }

  @Test
  void noErrorRepeatsTheTokenOrASecret() {
    String secret = "a-value-that-nobody-may-see";
    koyeb.fail(
        "POST /v1/secrets",
        Fault.status(400, "{\"message\":\"bad " + secret + " " + TOKEN + "\"}"));

    assertThatExceptionOfType(PlatformException.class)
        .isThrownBy(
            () -> platform.putSecrets(Map.of("GATEWAY_SECRET", Secret.of(secret)), deadline))
        .withMessageContaining("bad [redacted] [redacted]");
  }

  @Test
  void aSecretWhoseCreationIsCutIsFound() throws Exception {
    koyeb.fail("POST /v1/secrets", new Fault.Cut(true));

    platform.putSecrets(Map.of("GATEWAY_SECRET", Secret.of("value")), deadline);
    assertThat(koyeb.secret("notes-gateway-secret")).contains("value");
  }

  @Test
  void aTokenThatIsMissingOrNoneIsSaidWithoutIt() {
    assertThatExceptionOfType(PlatformException.class)
        .isThrownBy(() -> KoyebPlatform.of("o", "a", SERVICE, koyeb.url(), Map.of(), time))
        .withMessage("koyeb: KOYEB_TOKEN: is not set. Set it in the environment.");
    assertThatExceptionOfType(PlatformException.class)
        .isThrownBy(
            () ->
                KoyebPlatform.of(
                    "o", "a", SERVICE, koyeb.url(), Map.of(KoyebPlatform.TOKEN, "one\ntwo"), time))
        .withMessageContaining("a line break")
        .withMessageNotContaining("two");
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
    assertThat(deployed().image()).contains(Images.NEW);
    assertThat(koyeb.deployments()).isEqualTo(2);
  }
}
