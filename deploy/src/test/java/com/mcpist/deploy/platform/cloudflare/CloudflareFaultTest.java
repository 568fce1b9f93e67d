package com.mcpist.deploy.platform.cloudflare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.mcpist.deploy.platform.PlatformException;
import com.mcpist.deploy.platform.PlatformException.Kind;
import com.mcpist.deploy.secret.Secret;
import com.mcpist.testkit.vendor.Fault;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Each fault is a clear error, and the same call made again finishes the work. */
class CloudflareFaultTest extends CloudflareTest {
  private static final String UPLOAD = "POST .*/versions";
  private static final String DEPLOY = "POST .*/deployments";

  @BeforeEach
  void aWorkerServes() throws Exception {
    deployed(ONE);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          401 | 1000  | UNAUTHORIZED    | cloudflare: upload a version of notes: HTTP 401: what the vendor says (1000). Check CLOUDFLARE_API_TOKEN: it is wrong
          403 | 10000 | UNAUTHORIZED    | The token in CLOUDFLARE_API_TOKEN may not do this
          400 | 6003  | UNAUTHORIZED    | Check CLOUDFLARE_API_TOKEN: it is no API token
          404 | 7003  | NOT_FOUND       | Check account under cloudflare in mcpist.yml, and CLOUDFLARE_ZONE_ID
          404 | 10007 | NOT_FOUND       | makes the Worker where there is none
          409 | 10013 | CONFLICT        | Somebody else is changing it
          400 | 10021 | REJECTED        | The bundle does not run there. Build it again
          400 | 10099 | REJECTED        | It would be refused again
          500 | 10001 | UNKNOWN_OUTCOME | The platform does not show that it has acted
          503 | 10001 | UNKNOWN_OUTCOME | run it again
          """)
  void anErrorIsToldInTheVendorsWordsAndTheNextRunFinishes(
      int status, int code, Kind kind, String text) throws Exception {
    cloudflare.fail(UPLOAD, Fault.status(status, body(code)));

    failed(() -> deployed(TWO), kind, text);
    assertThat(cloudflare.calls(UPLOAD)).as("an upload is sent once").hasSize(1);
    finishes();
  }

  @Test
  void anUploadThatIsCutBeforeItActedIsAnErrorAndTheNextRunFinishes() throws Exception {
    cloudflare.fail(UPLOAD, new Fault.Cut(false));

    failed(() -> deployed(TWO), Kind.UNKNOWN_OUTCOME, "broke off before the answer");
    finishes();
  }

  @Test
  void anUploadThatIsCutAfterItActedIsSeenAndGoesOn() throws Exception {
    cloudflare.fail(UPLOAD, new Fault.Cut(true));
    cloudflare.fail(DEPLOY, new Fault.Cut(true), Fault.status(502, "<html>"));

    finishes();
    assertThat(cloudflare.calls(UPLOAD)).hasSize(1);
  }

  @Test
  void aListThatLagsBehindAnUploadIsWaitedFor() throws Exception {
    cloudflare.listedAfter(5);

    finishes();
    assertThat(cloudflare.calls(UPLOAD)).hasSize(1);
  }

  @Test
  void oneThatGoesOnLaggingIsToldAndTheNextRunFinishes() throws Exception {
    cloudflare.listedAfter(40);

    failed(
        () -> deployed(TWO),
        Kind.UNAVAILABLE,
        "it is uploaded, and Cloudflare does not list it. Run it again in a while");
    assertThat(cloudflare.deployments()).as("the one before serves").isEqualTo(1);
    cloudflare.nowListed();
    finishes();
    assertThat(cloudflare.calls(UPLOAD)).hasSize(1);
  }

  @Test
  void anAnswerThatIsCutOrNoJsonIsSeenToo() throws Exception {
    cloudflare.fail(UPLOAD, new Fault.CutInAnswer());
    finishes();
    cloudflare.fail(UPLOAD, new Fault.Garbage());
    deployed(release("three", "export default {three: 3}"));

    assertThat(cloudflare.versions()).isEqualTo(3);
  }

  @Test
  void tooManyRequestsWaitsAsLongAsTheVendorSays() throws Exception {
    cloudflare.fail(UPLOAD, Fault.tooMany("Retry-After", 41));
    Instant before = time.now();

    finishes();
    assertThat(Duration.between(before, time.now())).isGreaterThan(Duration.ofSeconds(41));
  }

  @Test
  void tooManyRequestsForLongerThanThereIsTimeIsSaidAtOnce() throws Exception {
    cloudflare.fail(UPLOAD, Fault.tooMany("Retry-After", 3600));

    failed(() -> deployed(TWO), Kind.RATE_LIMITED, "run it again in 3600 s");
    finishes();
  }

  @Test
  void readingThatFailsAgainAndAgainIsAnErrorWithoutAnEffect() throws Exception {
    cloudflare.fail(
        "GET .*/deployments", Collections.nCopies(5, Fault.status(500, "")).toArray(Fault[]::new));

    failed(() -> deployed(TWO), Kind.UNAVAILABLE, "HTTP 500. Nothing has been changed");
    finishes();
  }

  @Test
  void anOutageWhileWaitingIsWaitedThrough() throws Exception {
    WorkerPlatform.WorkerRollout rollout = worker.deploy(TWO, deadline);
    cloudflare.fail(
        "GET .*/deployments", Collections.nCopies(12, Fault.status(503, "")).toArray(Fault[]::new));

    rollout.awaitDeployed(step -> {}, deadline);
    assertThat(served()).isEqualTo(TWO.bundle().module());
  }

  @Test
  void aSecretIsStoredOnlyWhereTheLatestVersionServes() throws Exception {
    cloudflare.uploadedBySomebodyElse();
    Map<String, Secret> values = Map.of("GATEWAY_SECRET", Secret.of("a-value"));

    failed(
        () -> secrets.putSecrets(values, deadline),
        Kind.CONFLICT,
        "isn't currently deployed. (10215). Secrets go to the Worker's latest version, and another"
            + " one is deployed: bring the latest out first");
    deployed(TWO);
    assertThat(secrets.putSecrets(values, deadline)).hasSize(1);
  }

  @Test
  void noErrorRepeatsTheTokenOrASecret() {
    String secret = "a-value-that-nobody-may-see";
    cloudflare.fail(
        "PUT .*/secrets",
        Fault.status(
            400, "{\"errors\":[{\"code\":1,\"message\":\"bad " + secret + " " + TOKEN + "\"}]}"));

    assertThatExceptionOfType(PlatformException.class)
        .isThrownBy(() -> secrets.putSecrets(Map.of("GATEWAY_SECRET", Secret.of(secret)), deadline))
        .withMessageContaining("bad [redacted] [redacted]");
  }

  @Test
  void aVendorThatCannotBeReachedIsNamed() throws Exception {
    cloudflare.close();

    failed(() -> deployed(TWO), Kind.UNAVAILABLE, "cannot be reached");
  }

  @Test
  void aTokenThatIsMissingIsSaid() {
    failed(
        () -> CloudflareAccess.of("a", cloudflare.url(), Map.of(), time),
        Kind.UNAUTHORIZED,
        "CLOUDFLARE_API_TOKEN: is not set. Set it in the environment.");
  }

  private static String body(int code) {
    return "{\"success\":false,\"errors\":[{\"code\":"
        + code
        + ",\"message\":\"what the vendor says\"}],\"messages\":[],\"result\":null}";
  }

  private void finishes() throws Exception {
    deployed(TWO);
    assertThat(served()).isEqualTo(TWO.bundle().module());
    assertThat(cloudflare.versions()).isEqualTo(2);
  }
}
