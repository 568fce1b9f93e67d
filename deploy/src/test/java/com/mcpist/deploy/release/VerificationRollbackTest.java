package com.mcpist.deploy.release;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.mcpist.deploy.VerificationRollback;
import com.mcpist.deploy.WorkerDeployer;
import com.mcpist.deploy.platform.Images;
import com.mcpist.deploy.platform.PlatformException;
import com.mcpist.deploy.platform.cloudflare.CloudflareAccess;
import com.mcpist.deploy.platform.cloudflare.WorkerPlatform;
import com.mcpist.deploy.platform.cloudflare.WorkerRelease;
import com.mcpist.testkit.vendor.CloudflareServer;
import com.mcpist.testkit.vendor.Fault;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

/** After a verification that failed, the origins go back whatever Cloudflare does. */
class VerificationRollbackTest {
  private static final Verification.Result BAD =
      new Verification.Result(
          List.of(), Optional.of(Stage.NEW), Optional.of("two"), false, List.of());

  /** The Worker's release is another one. */
  private static final Verification.Result BAD_ORIGINS =
      new Verification.Result(
          List.of(), Optional.of(Stage.NEW), Optional.of("another"), false, List.of());

  private final Stage stage = new Stage();
  private final CloudflareServer cloudflare =
      new CloudflareServer(
          "notes", "example.com", "lb.example.com", List.of(Stage.PRIMARY, Stage.STANDBY));
  private final List<Outcome> worker = new ArrayList<>();

  @AfterEach
  void close() throws Exception {
    assertThat(cloudflare.violations()).isEmpty();
    cloudflare.close();
    stage.close();
  }

  /** A run has brought two to the origins and to the Worker. */
  @BeforeEach
  void deployed() throws Exception {
    assertThat(stage.deployer().deploy(Stage.order(Images.NEW, "two")).passed()).isTrue();
    bringOut("one", "export default {}");
    bringOut("two", "export default {two: 2}");
  }

  private void bringOut(String name, String module) throws Exception {
    WorkerRelease release =
        new WorkerRelease(
            new WorkerRelease.Bundle(module, "2026-04-01", List.of(), Optional.empty()),
            name,
            JsonMapper.shared().createObjectNode(),
            "notes-state");
    platform().deploy(release, stage.deadline()).awaitDeployed(step -> {}, stage.deadline());
  }

  private WorkerPlatform platform() throws Exception {
    return new WorkerPlatform(access("t"), "notes");
  }

  private CloudflareAccess access(String token) throws PlatformException {
    return CloudflareAccess.of(
        CloudflareServer.ACCOUNT,
        cloudflare.url(),
        Map.of(CloudflareAccess.TOKEN, token),
        stage.time);
  }

  private Outcome takeBack(Verification.Result bad, String token) throws Exception {
    Site site = stage.site();
    return new VerificationRollback(
            site,
            stage.deployer(),
            Optional.of(
                () ->
                    new WorkerDeployer(
                        site,
                        new WorkerPlatform(access(token), "notes"),
                        Optional.empty(),
                        Optional.empty(),
                        stage.announcements(site),
                        stage.watcher())),
            Set.of(),
            "bob",
            stage.watcher())
        .take(bad, worker::add);
  }

  private void originsRunTheOldOne(Outcome outcome) {
    assertThat(outcome.passed()).isTrue();
    assertThat(stage.running(Stage.PRIMARY)).isEqualTo(Stage.OLD);
    assertThat(stage.running(Stage.STANDBY)).isEqualTo(Stage.OLD);
  }

  private String served() {
    return cloudflare.serving().path(WorkerRelease.Bundle.MODULE).asString("");
  }

  @Test
  void theWorkerGoesBackWithTheOriginsWhereTheRunBroughtItOut() throws Exception {
    originsRunTheOldOne(takeBack(BAD, "t"));

    assertThat(worker).singleElement().satisfies(one -> assertThat(one.passed()).isTrue());
    assertThat(served()).isEqualTo("export default {}");
  }

  @Test
  void theWorkerStaysWhereTheRunDidNotBringItOut() throws Exception {
    originsRunTheOldOne(takeBack(BAD_ORIGINS, "t"));

    assertThat(worker).isEmpty();
    assertThat(served()).isEqualTo("export default {two: 2}");
  }

  @Test
  void theOriginsGoBackWhereCloudflareDoesNotAnswer() throws Exception {
    cloudflare.fail(
        "GET .*/deployments", Collections.nCopies(50, Fault.status(500, "")).toArray(Fault[]::new));

    originsRunTheOldOne(takeBack(BAD, "t"));

    assertThat(worker).isEmpty();
    assertThat(stage.told)
        .anyMatch(
            told -> told.startsWith("The Worker stays as it is: cloudflare: list deployments"));
  }

  @Test
  void theOriginsGoBackWhereCloudflareRefusesTheWayBack() throws Exception {
    cloudflare.fail("POST .*/deployments", Fault.status(403, "{}"));

    originsRunTheOldOne(takeBack(BAD, "t"));

    assertThat(worker).isEmpty();
    assertThat(served()).isEqualTo("export default {two: 2}");
    assertThat(stage.told).anyMatch(told -> told.startsWith("The Worker stays as it is: "));
  }

  @Test
  void theOriginsGoBackWhereTheTokenIsNone() throws Exception {
    originsRunTheOldOne(takeBack(BAD, " "));

    assertThat(stage.told)
        .anyMatch(
            told -> told.startsWith("The Worker stays as it is: cloudflare: CLOUDFLARE_API_TOKEN"));
  }

  @Test
  void whatWasDeployedWhileItWaitedForTheLockStays() throws Exception {
    stage.books.lockedBy("carol", 60);
    stage.inTheMiddle.put(
        "Waiting",
        () -> {
          stage.books.lockedBy("carol", 0);
          deployThird();
        });

    assertThatExceptionOfType(DeployException.class)
        .isThrownBy(() -> takeBack(BAD_ORIGINS, "t"))
        .withMessageContaining("another deployment has ended meanwhile");
    String third = Images.THIRD.digest().orElseThrow();
    assertThat(stage.running(Stage.PRIMARY)).isEqualTo(third);
    assertThat(stage.running(Stage.STANDBY)).isEqualTo(third);
  }

  private void deployThird() {
    try {
      assertThat(stage.deployer().deploy(Stage.order(Images.THIRD, "three")).passed()).isTrue();
    } catch (PlatformException | InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
