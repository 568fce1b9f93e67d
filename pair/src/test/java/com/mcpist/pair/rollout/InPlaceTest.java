package com.mcpist.pair.rollout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.mcpist.deploy.image.ImageReference;
import com.mcpist.deploy.platform.PlatformException;
import com.mcpist.deploy.platform.PlatformException.Kind;
import com.mcpist.deploy.platform.Release;
import com.mcpist.deploy.platform.Release.State;
import com.mcpist.deploy.platform.Rollout;
import com.mcpist.deploy.platform.Rollout.Step;
import com.mcpist.deploy.platform.SecretStore.SecretChange;
import com.mcpist.deploy.secret.Secret;
import com.mcpist.testkit.Conditions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A release starts when the one before has ended. Real processes; the origin is a stand-in. */
class InPlaceTest {
  private Rig rig;

  // JUnit calls start before anything else.
  @SuppressWarnings("NullAway.Init")
  InPlaceTest() {}

  @BeforeEach
  void start(@TempDir Path folder) throws Exception {
    rig = Rig.start(folder, false);
  }

  @AfterEach
  void stop() throws Exception {
    rig.stop();
    Conditions.await("no process is left", () -> rig.processCount() == 0);
  }

  @Test
  void theOldOneEndsBeforeTheNewOneStarts() throws Exception {
    Release release = rig.deploy(rig.image("second"), Map.of("RELEASE", "r2"));

    assertThat(release.state()).isEqualTo(State.HEALTHY);
    assertThat(rig.log().lines())
        .containsSubsequence("starts first", "ends first", "starts second");
    assertThat(rig.answer().path("build").asString()).isEqualTo("second");
    assertThat(rig.told).doesNotContain("one died");
    Conditions.await("it is told", () -> rig.told.contains("healthy r2"));
  }

  @Test
  void oneThatDiesIsStartedAgainUntilItCountsAsFailedAndGivesWay() throws Exception {
    Release before = rig.current();
    List<Step> steps = new ArrayList<>();
    try (Rollout rollout =
        rig.platform.deploy(
            Rig.wanted(rig.image("second"), Map.of("STAND_IN", "fail")), Rig.deadline())) {
      assertThatExceptionOfType(PlatformException.class)
          .isThrownBy(() -> rollout.awaitHealthy(steps::add, Rig.deadline()))
          .withMessageContaining("died", "exit code 2")
          .matches(e -> e.kind() == Kind.FAILED);
      assertThat(rollout.cancel(Rig.deadline())).as("too late").isFalse();
    }
    assertThat(steps).last().extracting(Step::state).isEqualTo(State.FAILED);
    assertThat(rig.current().state()).isEqualTo(State.FAILED);
    assertThat(rig.told.stream().filter("one died"::equals).count()).isGreaterThanOrEqualTo(3);

    try (Rollout back = rig.platform.restore(before, Rig.deadline())) {
      assertThat(back.unchanged()).isFalse();
      back.awaitHealthy(step -> {}, Rig.deadline());
    }
    assertThat(rig.answer().path("build").asString()).isEqualTo("first");
  }

  @Test
  void oneThatIsNeverHealthyGivesWayToo() throws Exception {
    rig.platform.deploy(
        Rig.wanted(rig.image("second"), Map.of("STAND_IN", "sick")), Rig.deadline());
    Conditions.await("it runs", () -> rig.log().contains("starts second"));
    assertThat(rig.current().state()).isNotEqualTo(State.HEALTHY);

    rig.deploy(rig.image("third"), Map.of("STAND_IN", "", "RELEASE", "r3"));

    assertThat(rig.answer().path("build").asString()).isEqualTo("third");
  }

  @Test
  void secretsTakeEffectWhenItIsRestarted() throws Exception {
    assertThat(rig.platform.secretNames(Rig.deadline())).containsExactly("GATEWAY_SECRET");
    assertThat(put("EXTRA", "one")).isEqualTo(SecretChange.CREATED);
    assertThat(put("EXTRA", "one")).isEqualTo(SecretChange.UNCHANGED);
    assertThat(put("GATEWAY_SECRET", Rig.SECRET)).isEqualTo(SecretChange.UNCHANGED);
    assertThat(put("EXTRA", "two")).isEqualTo(SecretChange.UPDATED);
    assertThat(rig.platform.secretNames(Rig.deadline())).contains("EXTRA");
    assertThat(rig.answer().path("extra").asString()).isEqualTo("inherited");
    Release before = rig.current();

    try (Rollout rollout = rig.platform.restart(Rig.deadline())) {
      assertThat(rollout.unchanged()).isFalse();
      Release after = rollout.awaitHealthy(step -> {}, Rig.deadline());
      assertThat(after.image()).isEqualTo(before.image());
      assertThat(after.env()).isEqualTo(before.env()).doesNotContainValue("two");
    }
    assertThat(rig.answer().path("extra").asString()).isEqualTo("two");
    assertThatExceptionOfType(PlatformException.class)
        .isThrownBy(() -> put("PORT", "hunter2"))
        .withMessageContaining("PORT")
        .withMessageNotContaining("hunter2");
  }

  private SecretChange put(String name, String value) throws Exception {
    return java.util.Objects.requireNonNull(
        rig.platform.putSecrets(Map.of(name, Secret.of(value)), Rig.deadline()).get(name));
  }

  @Test
  void anImageThatIsNotWhatItsDigestSaysIsRefused() throws Exception {
    ImageReference second = rig.image("second");
    Files.writeString(
        rig.images.folder(second.digest().orElseThrow()).resolve("build.txt"), "another");

    assertThatExceptionOfType(PlatformException.class)
        .isThrownBy(() -> rig.deploy(second, Map.of()))
        .withMessageContaining("has been changed")
        .matches(e -> e.kind() == Kind.REJECTED);

    assertThat(rig.answer().path("build").asString()).isEqualTo("first");
    assertThat(rig.platform.history(10, Rig.deadline())).hasSize(1);
  }

  @Test
  void whatCannotRunHereIsRefused() throws Exception {
    ImageReference elsewhere =
        ImageReference.parse("ghcr.io/me/mcpist").withDigest("sha256:" + "0".repeat(64));
    assertThatExceptionOfType(PlatformException.class)
        .isThrownBy(() -> rig.deploy(elsewhere, Map.of()))
        .withMessageContaining("localhost/mcpist-origin");
    ImageReference absent = elsewhere.in(rig.image("second"));
    assertThatExceptionOfType(PlatformException.class)
        .isThrownBy(() -> rig.deploy(absent, Map.of()))
        .withMessageContaining("no image");
    assertThatExceptionOfType(PlatformException.class)
        .isThrownBy(() -> rig.deploy(rig.image("second"), Map.of("PORT", "1")))
        .withMessageContaining("PORT is set by whoever runs the origin");
  }

  @Test
  void anOriginThatIsBeingRestartedIsNotRolledOut() throws Exception {
    assertThat(rig.turns.take("one", "being restarted", true)).isEmpty();

    assertThatExceptionOfType(PlatformException.class)
        .isThrownBy(() -> rig.deploy(rig.image("second"), Map.of()))
        .withMessageContaining("one is being restarted")
        .matches(e -> e.kind() == Kind.CONFLICT);
  }
}
