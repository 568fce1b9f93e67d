package com.mcpist.deploy.platform.koyeb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.mcpist.deploy.platform.Images;
import com.mcpist.deploy.platform.Platform.Release;
import com.mcpist.deploy.platform.Platform.Release.State;
import com.mcpist.deploy.platform.Platform.Wanted;
import com.mcpist.deploy.platform.PlatformException;
import com.mcpist.deploy.platform.PlatformException.Kind;
import com.mcpist.deploy.platform.Rollout;
import com.mcpist.deploy.platform.SecretStore.SecretChange;
import com.mcpist.deploy.secret.Secret;
import com.mcpist.testkit.vendor.KoyebServer;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KoyebPlatformTest extends KoyebTest {
  @Test
  void whatRunsIsTold() throws Exception {
    Release current = platform.current(deadline);

    assertThat(current.image()).contains(Images.OLD);
    assertThat(current.state()).isEqualTo(State.HEALTHY);
    assertThat(current.env()).containsEntry("RELEASE", "one");
  }

  @Test
  void aReleaseIsSentWithAllElseAsItIsAndItsStatesAreReported() throws Exception {
    Release release = deployed();

    assertThat(release.image()).contains(Images.NEW);
    assertThat(states).isEqualTo(KoyebServer.USUAL);
    assertThat(koyeb.serving().path("docker").path("image_registry_secret").asString())
        .isEqualTo("ghcr");
    assertThat(koyeb.serving().path("env").toString())
        .isEqualTo(
            "[{\"scopes\":[\"region:fra\"],\"key\":\"RELEASE\",\"value\":\"two\"},"
                + "{\"key\":\"KEPT\",\"value\":\"as it is\"}]");
    assertThat(koyeb.states()).containsExactly("STOPPED", "HEALTHY");
  }

  @Test
  void whatRunsAlreadyIsNotSentAgain() throws Exception {
    deployed();

    assertThat(platform.preview(Images.WANTED, deadline)).isEmpty();
    try (Rollout again = platform.deploy(Images.WANTED, deadline)) {
      assertThat(again.unchanged()).isTrue();
      assertThat(again.awaitHealthy(step -> {}, deadline).image()).contains(Images.NEW);
    }
    assertThat(koyeb.deployments()).isEqualTo(2);
  }

  @Test
  void whatIsOnItsWayIsWaitedForAndNotSentAgain() throws Exception {
    try (Rollout first = platform.deploy(Images.WANTED, deadline);
        Rollout second = platform.deploy(Images.WANTED, deadline)) {
      assertThat(second.unchanged()).isTrue();
      Release release = second.awaitHealthy(step -> {}, deadline);
      assertThat(release.state()).isEqualTo(State.HEALTHY);
      assertThat(release.id()).isEqualTo(first.awaitHealthy(step -> {}, deadline).id());
    }
    assertThat(koyeb.deployments()).isEqualTo(2);
  }

  @Test
  void aPreviewChangesNothingAndSaysWhatWouldBe() throws Exception {
    assertThat(platform.preview(Images.WANTED, deadline))
        .containsExactly(
            "PATCH /v1/services/" + SERVICE + ": image " + Images.NEW + "; env RELEASE");
    assertThat(koyeb.deployments()).isEqualTo(1);
  }

  @Test
  void anEarlierReleaseComesBackWithItsEnvironment() throws Exception {
    Release first = platform.current(deadline);
    deployed();
    assertThat(platform.history(10, deadline))
        .extracting(Release::image)
        .containsExactly(java.util.Optional.of(Images.NEW), java.util.Optional.of(Images.OLD));

    try (Rollout back = platform.restore(first, deadline)) {
      Release release = back.awaitHealthy(step -> {}, deadline);
      assertThat(release.image()).contains(Images.OLD);
      assertThat(release.env()).containsEntry("RELEASE", "one");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"ERROR", "ERRORING", "CANCELED", "STASHED", "SLEEPING"})
  void aReleaseThatWillNeverBeHealthyEndsTheWaitAtOnce(String end) {
    koyeb.next(List.of("PENDING", end));

    assertThatExceptionOfType(PlatformException.class)
        .isThrownBy(this::deployed)
        .satisfies(e -> assertThat(e.kind()).isEqualTo(Kind.FAILED))
        .withMessageContaining("koyeb: wait for")
        .withMessageContaining(end);
    assertThat(koyeb.states().getFirst()).as("the release before serves on").isEqualTo("HEALTHY");
  }

  @Test
  void theVendorsReasonIsTold() {
    koyeb.next(List.of("ERROR"));

    assertThatExceptionOfType(PlatformException.class)
        .isThrownBy(this::deployed)
        .withMessageContaining("it is ERROR (the health check on port 8000 has failed)");
  }

  @ParameterizedTest
  @ValueSource(strings = {"STARTING", "UNHEALTHY", "DEGRADED"})
  void aStateThatNeverBecomesHealthyEndsAtTheDeadline(String end) {
    koyeb.next(List.of("PENDING", end));

    assertThatExceptionOfType(PlatformException.class)
        .isThrownBy(this::deployed)
        .satisfies(e -> assertThat(e.kind()).isEqualTo(Kind.DEADLINE))
        .withMessageContaining("not healthy after 600 s: it is still " + end);
  }

  @Test
  void aDeploymentThatSomebodyElseReplacesIsAConflict() throws Exception {
    try (Rollout rollout = platform.deploy(Images.WANTED, deadline)) {
      koyeb.deployedBySomebodyElse();

      assertThatExceptionOfType(PlatformException.class)
          .isThrownBy(() -> rollout.awaitHealthy(step -> {}, deadline))
          .satisfies(e -> assertThat(e.kind()).isEqualTo(Kind.CONFLICT))
          .withMessageContaining("has replaced it");
    }
  }

  @Test
  void aServiceThatIsPausedOrBuiltFromSourcesIsRefusedWithTheMend() throws Exception {
    koyeb.serviceState("PAUSED");
    assertThatExceptionOfType(PlatformException.class)
        .isThrownBy(this::deployed)
        .withMessageContaining("the service is PAUSED")
        .withMessageContaining("koyeb services resume");

    try (KoyebServer git = new KoyebServer(SERVICE, "{\"git\": {\"repository\": \"x\"}}")) {
      KoyebPlatform built =
          KoyebPlatform.of(
              "o", "notes", SERVICE, git.url(), Map.of(KoyebPlatform.TOKEN, "t"), time);
      assertThatExceptionOfType(PlatformException.class)
          .isThrownBy(() -> built.deploy(Images.WANTED, deadline))
          .withMessageContaining("built from sources")
          .withMessageContaining("Docker image");
      assertThat(git.violations()).isEmpty();
    }
  }

  @Test
  void secretsAreCreatedComparedAndChangedAndAReleaseRefersToThem() throws Exception {
    Secret value = Secret.of("a-value-that-nobody-may-see");

    assertThat(platform.putSecrets(Map.of("GATEWAY_SECRET", value), deadline))
        .containsEntry("GATEWAY_SECRET", SecretChange.CREATED);
    assertThat(platform.putSecrets(Map.of("GATEWAY_SECRET", value), deadline))
        .containsEntry("GATEWAY_SECRET", SecretChange.UNCHANGED);
    Secret other = Secret.of("another-value-that-nobody-may-see");
    assertThat(platform.putSecrets(Map.of("GATEWAY_SECRET", other), deadline))
        .containsEntry("GATEWAY_SECRET", SecretChange.UPDATED);

    assertThat(koyeb.secret("notes-gateway-secret")).contains(other.reveal());
    assertThat(platform.secretNames(deadline)).containsExactly("GATEWAY_SECRET");
    Wanted wanted = new Wanted(Images.NEW, Map.of(), Set.of("GATEWAY_SECRET"));
    try (Rollout rollout = platform.deploy(wanted, deadline)) {
      rollout.awaitHealthy(step -> {}, deadline);
    }
    assertThat(koyeb.serving().path("env").toString())
        .contains("{\"key\":\"GATEWAY_SECRET\",\"secret\":\"notes-gateway-secret\"}");
    assertThat(platform.current(deadline).env()).doesNotContainKey("GATEWAY_SECRET");
  }

  @Test
  void aTokenThatMayNotSeeValuesWritesThem() throws Exception {
    Secret value = Secret.of("a-value-that-nobody-may-see");
    platform.putSecrets(Map.of("GATEWAY_SECRET", value), deadline);
    koyeb.revealing(false);

    assertThat(platform.putSecrets(Map.of("GATEWAY_SECRET", value), deadline))
        .containsEntry("GATEWAY_SECRET", SecretChange.UPDATED);
  }

  @Test
  void whatMayBeAnotherAppsIsNotLeftOver() throws Exception {
    for (int i = 0; i < 120; i++) {
      koyeb.app("app-" + i);
    }
    koyeb.app("notes");
    koyeb.app("notes-staging");
    koyeb.secretOfSomebodyElse("notes-staging-gateway-secret");
    koyeb.secretOfSomebodyElse("notesgateway-secret");
    koyeb.secretOfSomebodyElse("notes-old-key");
    platform.putSecrets(Map.of("GATEWAY_SECRET", Secret.of("value")), deadline);

    assertThat(platform.ownSecretNames(deadline)).containsExactly("GATEWAY_SECRET", "OLD_KEY");
    assertThat(platform.secretNames(deadline))
        .as("a release refers to whatever has the name")
        .containsExactly("GATEWAY_SECRET", "OLD_KEY", "STAGING_GATEWAY_SECRET");
  }

  @Test
  void manySecretsAreListedPageByPage() throws Exception {
    for (int i = 0; i < 101; i++) {
      platform.putSecrets(Map.of("NAME_" + i, Secret.of("value")), time.minutes(10));
    }

    assertThat(platform.secretNames(deadline)).hasSize(101);
  }

  @Test
  void aRestartIsANewDeploymentOfTheSame() throws Exception {
    try (Rollout rollout = platform.restart(deadline)) {
      assertThat(rollout.awaitHealthy(step -> {}, deadline).image()).contains(Images.OLD);
    }
    assertThat(koyeb.states()).containsExactly("STOPPED", "HEALTHY");
  }
}
