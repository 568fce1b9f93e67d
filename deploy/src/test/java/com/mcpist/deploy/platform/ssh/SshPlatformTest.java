package com.mcpist.deploy.platform.ssh;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.mcpist.deploy.image.ImageReference;
import com.mcpist.deploy.platform.Platform.Release;
import com.mcpist.deploy.platform.Platform.Release.State;
import com.mcpist.deploy.platform.Platform.Wanted;
import com.mcpist.deploy.platform.PlatformException;
import com.mcpist.deploy.platform.PlatformException.Kind;
import com.mcpist.deploy.platform.Rollout;
import com.mcpist.deploy.platform.SecretStore.SecretChange;
import com.mcpist.deploy.secret.Secret;
import com.mcpist.testkit.Conditions;
import com.mcpist.testkit.Need;
import com.mcpist.testkit.Needs;
import com.mcpist.testkit.host.StandInImage.Mood;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

@Needs(Need.HOST)
class SshPlatformTest extends SshTest {

  @Test
  void theFirstReleaseIsTriedBesideAndThenServes() throws Exception {
    Release before = platform.current(deadline());
    assertThat(before.state()).isEqualTo(State.STOPPED);
    assertThat(before.told()).isEqualTo("not deployed");
    Wanted one = wanted("one", Mood.WELL);
    assertThat(platform.preview(one, deadline()))
        .containsExactly(
            "on box: podman pull " + one.image(),
            "on box: podman run %s-next on 127.0.0.1:%d, with RELEASE, until it is healthy"
                .formatted(app, port + 1),
            "on box: podman stop %s-next %s".formatted(app, app),
            "on box: podman run %s on 127.0.0.1:%d".formatted(app, port));

    Release release = finished(platform.deploy(one, deadline()));

    assertThat(release.state()).isEqualTo(State.HEALTHY);
    assertThat(release.image()).contains(one.image());
    assertThat(release.env()).containsExactly(Map.entry("RELEASE", "one"));
    assertThat(steps).contains("healthy beside").last().isEqualTo("running");
    assertThat(platform.current(deadline())).isEqualTo(release);
    assertThatNothingIsBeside();
  }

  /** As narrowly as the image may run, and again when it ends, with the machine too. */
  @Test
  void itsContainerMayDoNothing() throws Exception {
    deployed("one", Mood.WELL);

    JsonNode container = JsonMapper.shared().readTree(host.podman("inspect", app)).path(0);
    JsonNode may = container.path("HostConfig");
    assertThat(may.path("NetworkMode").asString()).isEqualTo("host");
    assertThat(may.path("Memory").asLong()).isEqualTo(256L << 20);
    assertThat(may.path("MemorySwap").asLong()).isEqualTo(256L << 20);
    assertThat(may.path("ReadonlyRootfs").asBoolean()).isTrue();
    assertThat(may.path("SecurityOpt").toString()).contains("no-new-privileges");
    assertThat(may.path("RestartPolicy").path("Name").asString()).isEqualTo("always");
    assertThat(container.path("EffectiveCaps")).isEmpty();
    assertThat(host.environment(app))
        .containsEntry("HOST", "127.0.0.1")
        .containsEntry("PORT", "" + port)
        .containsEntry("INSTANCE", platform.current(deadline()).id() + "-" + port);
  }

  @Test
  void whatRunsAlreadyIsLeftAlone() throws Exception {
    deployed("one", Mood.WELL);
    String serving = serving();
    Wanted one = wanted("one", Mood.WELL);

    assertThat(platform.preview(one, deadline())).isEmpty();
    try (Rollout rollout = platform.deploy(one, deadline())) {
      assertThat(rollout.unchanged()).isTrue();
      assertThat(rollout.awaitHealthy(_ -> {}, deadline()).state()).isEqualTo(State.HEALTHY);
    }
    assertThat(serving()).isEqualTo(serving);
  }

  @Test
  void aReleaseThatEndsIsToldAndWhatServesIsNotTouched() throws Exception {
    deployed("one", Mood.WELL);
    String serving = serving();

    assertThatExceptionOfType(PlatformException.class)
        .isThrownBy(() -> deployed("two", Mood.CRASH))
        .withMessageContaining("exited beside (exit code 3; its logs: ssh box podman logs ")
        .extracting(PlatformException::kind)
        .isEqualTo(Kind.FAILED);

    assertThat(serving()).isEqualTo(serving);
    assertThatNothingIsBeside();
    Release before = platform.history(9, deadline()).getFirst();
    assertThat(platform.history(9, deadline())).hasSize(1);
    try (Rollout back = platform.restore(before, deadline())) {
      assertThat(back.unchanged()).isTrue();
    }
  }

  @Test
  void aReleaseThatIsNeverHealthyIsEndedAndWhatServesIsNotTouched() throws Exception {
    deployed("one", Mood.WELL);
    String serving = serving();

    try (Rollout rollout = platform.deploy(wanted("two", Mood.SICK), deadline())) {
      assertThatExceptionOfType(PlatformException.class)
          .isThrownBy(() -> rollout.awaitHealthy(_ -> {}, seconds(3)))
          .extracting(PlatformException::kind)
          .isEqualTo(Kind.DEADLINE);
    }

    assertThat(serving()).isEqualTo(serving);
    assertThatNothingIsBeside();
    assertThat(host.podman("logs", app + "-next")).contains("listening as two");
  }

  @Test
  void anEarlierReleaseComesBackWithItsEnvironmentAndNoOther() throws Exception {
    Release one = deployed("one", Mood.WELL);
    ImageReference two = image("two", Mood.WELL);
    Map<String, String> more = Map.of("RELEASE", "two", "FLAG", "it's new");
    finished(platform.deploy(new Wanted(two, more, Set.of()), deadline()));
    assertThat(host.environment(app)).containsEntry("FLAG", "it's new");

    assertThat(platform.history(9, deadline())).extracting(Release::image).hasSize(2);
    Release back = finished(platform.restore(platform.history(9, deadline()).get(1), deadline()));

    assertThat(back.image()).isEqualTo(one.image());
    assertThat(host.environment(app)).containsEntry("RELEASE", "one").doesNotContainKey("FLAG");
    assertThatNothingIsBeside();
  }

  @Test
  void fiveReleasesAreKeptAndTheImagesOfThose() throws Exception {
    // No other app has this image.
    Release one = deployed("first", Mood.WELL);
    Path releases = host.home().resolve(".mcpist").resolve(app).resolve("releases");
    for (int i = 1; i <= 5; i++) {
      // As if they had served since; another image, so that nothing but the first needs that one.
      HostState.HostRelease kept =
          new HostState.HostRelease(
              one.id() + "-" + i,
              image("other", Mood.WELL),
              Instant.EPOCH,
              Map.of("RELEASE", "" + i));
      Files.writeString(releases.resolve(kept.id()), kept.json());
    }

    deployed("two", Mood.WELL);

    assertThat(platform.history(9, deadline()))
        .extracting(release -> release.env().get("RELEASE"))
        .containsExactly("two", "5", "4", "3", "2");
    assertThat(host.podman("images", "--digests", "--format", "{{.Digest}}"))
        .contains(image("two", Mood.WELL).digest().orElseThrow())
        .doesNotContain(one.image().orElseThrow().digest().orElseThrow());
  }

  /** Whatever a value is made of, it arrives as it is, and nobody who lists processes sees it. */
  @Test
  void secretsReachTheProgramByItsEnvironment() throws Exception {
    deployed("one", Mood.WELL);
    String value = "it's \"a\" $secret `with` \\ all # = & that;shells know";
    Map<String, Secret> two = Map.of("A_KEY", Secret.of(value), "B_KEY", Secret.of("b".repeat(40)));

    assertThat(platform.putSecrets(two, deadline()))
        .containsOnly(
            Map.entry("A_KEY", SecretChange.CREATED), Map.entry("B_KEY", SecretChange.CREATED));
    assertThat(platform.putSecrets(Map.of("A_KEY", Secret.of(value)), deadline()))
        .containsOnly(Map.entry("A_KEY", SecretChange.UNCHANGED));
    assertThat(platform.putSecrets(Map.of("B_KEY", Secret.of("c".repeat(40))), deadline()))
        .containsOnly(Map.entry("B_KEY", SecretChange.UPDATED));

    assertThat(platform.secretNames(deadline())).containsExactly("A_KEY", "B_KEY");
    assertThat(host.environment(app)).doesNotContainKeys("A_KEY", "B_KEY");
    finished(platform.restart(deadline()));
    assertThat(host.environment(app))
        .containsEntry("A_KEY", value)
        .containsEntry("B_KEY", "c".repeat(40));
    Path file = host.home().resolve(".mcpist").resolve(app).resolve("secrets");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
  }

  @Test
  void aProcessThatIsKilledIsStartedAgain() throws Exception {
    deployed("one", Mood.WELL);
    ProcessHandle process = host.process(app);

    process.destroyForcibly();

    Conditions.await(
        "it is healthy again",
        () -> platform.current(deadline()).state() == State.HEALTHY && !process.isAlive());
  }

  @Test
  void whatIsNotOneOfItsContainersIsNotTouched() throws Exception {
    ImageReference image = image("one", Mood.WELL);
    host.podman("pull", "--quiet", image.toString());
    host.podman("create", "--name", app, image.toString());

    assertThatExceptionOfType(PlatformException.class)
        .isThrownBy(() -> deployed("one", Mood.WELL))
        .withMessage(
            "ssh: look: box: the container %s there is not MCPist's. Name another one in mcpist.yml: app."
                .formatted(app));
    assertThat(host.podman("inspect", "--format", "{{.State.Status}}", app)).startsWith("created");
  }

  @Test
  void theDoctorIsToldWhatAPersonHasToSeeTo() throws Exception {
    deployed("one", Mood.WELL);

    List<String> said =
        platform.remarks(deadline()).stream().map(r -> r.subject() + ": " + r.seen()).toList();

    assertThat(said)
        .anySatisfy(one -> assertThat(one).startsWith("container program: podman version"));
    assertThat(said).anySatisfy(one -> assertThat(one).matches("disk: \\d+ MiB free for images"));
    assertThat(said).noneMatch(one -> one.startsWith("port"));
    assertThat(platform.logs()).isEqualTo("ssh box podman logs " + app);
  }
}
