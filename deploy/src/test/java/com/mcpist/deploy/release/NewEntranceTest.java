package com.mcpist.deploy.release;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.deploy.admin.AdminPath.ReleaseRecord.State;
import com.mcpist.deploy.config.Auth.Admission;
import com.mcpist.deploy.image.ImageReference;
import com.mcpist.deploy.platform.Images;
import com.mcpist.deploy.release.Order.Strategy;
import com.mcpist.deploy.verify.Entrance;
import com.mcpist.deploy.verify.OriginClient;
import com.mcpist.deploy.verify.Verifier.Finding;
import com.mcpist.deploy.verify.Verifier.Finding.Check;
import com.mcpist.testkit.Behaviour;
import com.mcpist.testkit.Certificates;
import com.mcpist.testkit.vendor.CloudflareEntrance;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An entrance that has never worked is waited for; one that has is a release's to break. */
class NewEntranceTest {
  private static final ImageReference THIRD = Images.image("2");
  private static final String TOOLS =
      "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"tools\":[{\"name\":\"memory_save\"}]}}";

  @SuppressWarnings("NullAway.Init") // JUnit calls make before anything else.
  private static Certificates certificates;

  private final Stage stage = new Stage();

  /** Images with which nobody gets through, although each origin passes its checks. */
  private final Set<String> breaking = ConcurrentHashMap.newKeySet();

  private final SSLContext before = SSLContext.getDefault();
  private final CloudflareEntrance cloudflare;

  NewEntranceTest() throws Exception {
    stage.time.clock().set(Instant.now()); // As its certificate.
    SSLContext.setDefault(trusting(certificates));
    cloudflare = new CloudflareEntrance(certificates, stage.time.clock(), this::behind);
    stage.entrance = Optional.of(entrance(cloudflare.url()));
  }

  @BeforeAll
  static void make(@TempDir Path folder) throws Exception {
    certificates = Certificates.in(folder);
  }

  @AfterEach
  void close() throws Exception {
    SSLContext.setDefault(before);
    cloudflare.close();
    stage.close();
    assertThat(stage.fly.isLeased(Stage.MACHINE)).isFalse();
    assertThat(stage.books.isLocked()).isFalse();
  }

  private static SSLContext trusting(Certificates certificates) throws Exception {
    TrustManagerFactory factory =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init(
        KeyStore.getInstance(certificates.trusted().toFile(), Certificates.PASSWORD.toCharArray()));
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, factory.getTrustManagers(), null);
    return context;
  }

  private Entrance entrance(URI url) {
    return new Entrance(new OriginClient(url, List.of(), stage.time), Admission.OPEN);
  }

  private Behaviour.Answer behind(String path) {
    boolean broken = breaking.contains(stage.running(Stage.PRIMARY));
    String body = path.equals("/health") ? "{\"status\":\"ok\"}" : TOOLS;
    return new Behaviour.Answer(
        broken ? 503 : 200, Map.of(), (broken ? "{}" : body).getBytes(StandardCharsets.UTF_8));
  }

  private void certifiedAfter(Duration wait) {
    cloudflare.certifiedFrom(stage.time.clock().instant().plus(wait));
  }

  private Outcome deploy(ImageReference image, String release) throws Exception {
    return stage.deployer().deploy(Stage.order(image, release));
  }

  private Verification.Result verify() throws Exception {
    Site site = stage.site();
    return new Verification(site, stage.announcements(site), stage.watcher())
        .verify(Optional.of("run 7"), true, Duration.ofSeconds(10));
  }

  /** As a workflow does before it verifies. */
  private void bringOut(ImageReference image, String release) throws Exception {
    for (String origin : List.of(Stage.PRIMARY, Stage.STANDBY)) {
      assertThat(stage.deployer(origin).deploy(Stage.partOfRun(image, release, origin)).passed())
          .isTrue();
    }
  }

  private void assertBothRun(ImageReference image) {
    String digest = image.digest().orElseThrow();
    assertThat(stage.running(Stage.PRIMARY)).isEqualTo(digest);
    assertThat(stage.running(Stage.STANDBY)).isEqualTo(digest);
  }

  private String recorded(String field) {
    return stage.books.releases().getLast().path(field).asString();
  }

  @Test
  void aCertificateThatTakesFiveMinutesIsWaitedForAndNothingIsTakenBack() throws Exception {
    certifiedAfter(Duration.ofMinutes(5));

    Outcome outcome = deploy(Images.NEW, "two");

    assertThat(outcome.problem()).isEmpty();
    assertThat(outcome.passed()).isTrue();
    assertBothRun(Images.NEW);
    assertThat(stage.koyeb.deployments()).as("one before, one now").isEqualTo(2);
    assertThat(stage.notices()).isEmpty();
    assertThat(stage.told)
        .containsSubsequence(
            "Verifying koyeb-primary and flyio-standby",
            cloudflare.url()
                + " has never worked before: it is waited for, for 1200 s at most, and nothing is"
                + " taken back for it.",
            "Waiting for " + cloudflare.url(),
            "edge: health through the edge: localhost:"
                + cloudflare.url().getPort()
                + " has no certificate that can be trusted");
    assertThat(recorded("state")).isEqualTo("succeeded");
    assertThat(stage.books.events()).containsExactly("entrance");
  }

  @Test
  void oneThatHasWorkedAndBreaksByTheReleaseIsTheReleasesFault() throws Exception {
    certifiedAfter(Duration.ZERO);
    assertThat(deploy(Images.NEW, "two").passed()).isTrue();
    breaking.add(THIRD.digest().orElseThrow());

    Outcome outcome = deploy(THIRD, "three");

    assertThat(outcome.state()).isEqualTo(State.RETURNED);
    assertThat(outcome.problem()).contains("health through the edge");
    assertBothRun(Images.NEW);
    assertThat(stage.told).doesNotContain("Waiting for " + cloudflare.url());
  }

  @Test
  void oneThatNeverWorksIsToldWithAdviceAndTheOriginsStay() throws Exception {
    bringOut(Images.NEW, "two");

    Verification.Result result = verify();

    assertThat(result.passed()).isFalse();
    assertThat(result.isBad()).isFalse();
    assertBothRun(Images.NEW);
    assertThat(recorded("state")).as("it is good to come back to").isEqualTo("succeeded");
    // The server ends the handshake by an alert. If its end arrives first, the alert is lost.
    assertThat(recorded("detail")).contains(" no certificate");
    assertThat(stage.notices())
        .singleElement()
        .asString()
        .contains("A new name's certificate may take 15 minutes")
        .contains("Every origin passes its checks and keeps the release");
    assertThat(stage.books.events()).containsExactly("failure");

    certifiedAfter(Duration.ZERO);
    assertThat(verify().passed()).as("the same again, once it is there").isTrue();
    assertThat(recorded("detail")).isEmpty();
    assertThat(stage.notices()).hasSize(2);
  }

  @Test
  void aCertificateNearItsEndIsToldOnceAndSoIsItsRenewal() throws Exception {
    certifiedAfter(Duration.ZERO);
    bringOut(Images.NEW, "two");
    assertThat(verify().warnings()).isEmpty();
    stage.time.clock().advance(Duration.ofDays(8));
    for (int i = 0; i < 2; i++) {
      Verification.Result result = verify();
      assertThat(result.passed()).isTrue();
      assertThat(result.warnings())
          .singleElement()
          .asString()
          .startsWith("edge at " + cloudflare.url() + ": its certificate ends at 20");
    }
    assertThat(stage.notices())
        .singleElement()
        .asString()
        .startsWith(":warning: *notes*: edge at ");
    stage.time.clock().advance(Duration.ofDays(-8));
    assertThat(verify().warnings()).isEmpty();
    assertThat(stage.notices())
        .last()
        .asString()
        .startsWith(":white_check_mark: *notes*: over: edge at ");
    assertThat(stage.books.events()).containsExactly("entrance", "warning");
  }

  @Test
  void anOriginThatFailsMeanwhileIsNotExcused() throws Exception {
    bringOut(Images.NEW, "two");
    stage.inTheMiddle.put(
        "Waiting for " + cloudflare.url(),
        () -> stage.standby.spoil(Stage.NEW, StandInOrigin.Fault.ERRORS));
    Instant before = stage.time.now();

    Verification.Result result = verify();

    assertThat(result.isBad()).isTrue();
    assertThat(Duration.between(before, stage.time.now())).isLessThan(Duration.ofMinutes(2));
    assertThat(recorded("state")).isEqualTo("failed");
  }

  @Test
  void aDeploymentThatOnlyTheNewEntranceFailsHasNotPassedAndIsNotTakenBack() throws Exception {
    cloudflare.challenging(true);
    certifiedAfter(Duration.ZERO);

    Outcome outcome = deploy(Images.NEW, "two");

    assertThat(outcome.passed()).isFalse();
    assertThat(outcome.state()).isEqualTo(State.SUCCEEDED);
    assertBothRun(Images.NEW);
    assertThat(outcome.findings())
        .filteredOn(finding -> !finding.passed())
        .extracting(Finding::check)
        .containsExactly(Check.EDGE, Check.EDGE_TOOLS);
    assertThat(outcome.findings())
        .filteredOn(finding -> !finding.passed())
        .allSatisfy(finding -> assertThat(finding.advice()).startsWith("A rule before the edge"));
  }

  @Test
  void aNameThatIsNotInDnsIsSaidSo() throws Exception {
    stage.entrance = Optional.of(entrance(URI.create("https://mcp.example.invalid")));

    Outcome outcome = deploy(Images.NEW, "two");

    assertThat(outcome.state()).isEqualTo(State.SUCCEEDED);
    assertThat(outcome.problem()).contains("seen mcp.example.invalid is not in DNS");
    assertThat(stage.notices()).singleElement().asString().contains("make its record");
  }

  @Test
  void theStandbyAloneDoesNotWaitForIt() throws Exception {
    certifiedAfter(Duration.ofMinutes(5));

    Outcome outcome =
        stage.deployer().deploy(Stage.order(Images.NEW, "two", Strategy.STANDBY_FIRST));

    assertThat(outcome.passed()).isTrue();
    assertThat(stage.told)
        .containsSubsequence(
            "Verifying flyio-standby",
            "Deploying two to koyeb-primary",
            "Waiting for " + cloudflare.url());
  }

  @Test
  void whereNobodyRemembersItsFailingIsTakenSeriously() throws Exception {
    Site site = stage.site();
    Site forgetful =
        new Site(
            site.service(),
            site.targets(),
            site.edge(),
            site.gateway(),
            Optional.empty(),
            site.time());

    assertThat(new Inspection(forgetful, stage.watcher()).isNew()).isFalse();
    assertThat(new Inspection(site, stage.watcher()).isNew()).isTrue();
  }
}
