package com.mcpist.pair.supervisor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.mcpist.deploy.image.ImageReference;
import com.mcpist.deploy.platform.Platform.Release;
import com.mcpist.deploy.platform.Platform.Release.State;
import com.mcpist.deploy.platform.PlatformException;
import com.mcpist.deploy.platform.PlatformException.Kind;
import com.mcpist.deploy.platform.Rollout;
import com.mcpist.deploy.platform.SecretStore.SecretChange;
import com.mcpist.deploy.secret.Secret;
import com.mcpist.pair.data.PairException;
import com.mcpist.testkit.Conditions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One release after the other. Real processes; the origin and the edge are stand-ins. */
class HostedOriginTest {
  private static final Duration SHORT = Duration.ofSeconds(2);

  private Path folder;
  private Rig rig;

  // JUnit calls start before anything else.
  @SuppressWarnings("NullAway.Init")
  HostedOriginTest() {}

  @BeforeEach
  void start(@TempDir Path temp) throws Exception {
    folder = temp;
    rig = Rig.start(temp, Rig.LIMIT, Rig.LIMIT);
  }

  @AfterEach
  void stop() throws Exception {
    rig.stop();
    Conditions.await("no process is left", () -> rig.processCount() == 0);
  }

  /** Another one, whose releases have less time to get ready, or whose edge to find them so. */
  private void hurry(Duration readyLimit, Duration edgeLimit) throws Exception {
    rig.stop();
    rig = Rig.start(folder.resolve("hurried"), readyLimit, edgeLimit);
  }

  private Rollout begin(String build, Map<String, String> env) throws Exception {
    return rig.platform.deploy(Rig.wanted(rig.image(build), env), Rig.deadline());
  }

  @Test
  void theOldOneIsDrainedAndEndsBeforeTheNewOneStarts() throws Exception {
    Release release = rig.deploy(rig.image("second"), Map.of("RELEASE", "r2"));

    assertThat(release.state()).isEqualTo(State.HEALTHY);
    assertThat(rig.edge.told).containsExactly("drain", "undrain");
    assertThat(rig.log().lines())
        .containsSubsequence("starts first", "ends first", "starts second");
    assertThat(rig.answer().path("build").asString()).isEqualTo("second");
    assertThat(rig.told).as("no death").containsExactly("one runs release r2");
  }

  @Test
  void historyHasTheNewestFirstAndEachProcessIsAnInstanceOfItsOwn() throws Exception {
    Release first = rig.current();
    Set<String> instances = new TreeSet<>();
    instances.add(rig.answer().path("instance").asString());
    assertThat(first.env()).isEqualTo(Map.of("RELEASE", "r1"));

    ImageReference second = rig.image("second");
    Release release = rig.deploy(second, Map.of("RELEASE", "r2"));
    instances.add(rig.answer().path("instance").asString());

    assertThat(rig.current()).isEqualTo(release);
    assertThat(release.image()).contains(second);
    assertThat(release.env()).isEqualTo(Map.of("RELEASE", "r2"));
    List<Release> history = rig.platform.history(10, Rig.deadline());
    assertThat(history).extracting(Release::id).containsExactly(release.id(), first.id());
    assertThat(history.get(1).state()).isEqualTo(State.STOPPED);
    assertThat(rig.platform.history(1, Rig.deadline())).hasSize(1);

    try (Rollout back = rig.platform.restore(history.get(1), Rig.deadline())) {
      assertThat(back.awaitHealthy(step -> {}, Rig.deadline()).env())
          .isEqualTo(Map.of("RELEASE", "r1"));
    }
    assertThat(rig.answer().path("build").asString()).isEqualTo("first");
    instances.add(rig.answer().path("instance").asString());
    assertThat(instances).hasSize(3).allMatch(name -> name.startsWith("one-"));
  }

  @Test
  void whatRunsAlreadyIsNotStartedAgain() throws Exception {
    ImageReference second = rig.image("second");
    assertThat(rig.platform.preview(Rig.wanted(second, Map.of("RELEASE", "r2")), Rig.deadline()))
        .singleElement()
        .asString()
        .contains("one: drain it", "start " + second + ", set RELEASE");
    Release release = rig.deploy(second, Map.of("RELEASE", "r2"));

    assertThat(rig.platform.preview(Rig.wanted(second, Map.of()), Rig.deadline())).isEmpty();
    try (Rollout again =
        rig.platform.deploy(Rig.wanted(second, Map.of("RELEASE", "r2")), Rig.deadline())) {
      assertThat(again.unchanged()).isTrue();
      assertThat(again.awaitHealthy(step -> {}, Rig.deadline())).isEqualTo(release);
    }
    assertThat(rig.platform.history(10, Rig.deadline())).hasSize(2);
  }

  @Test
  void oneThatDiesGivesWayToTheOneBefore() throws Exception {
    Release before = rig.current();
    try (Rollout rollout = begin("second", Map.of("STAND_IN", "fail"))) {
      assertThatExceptionOfType(PlatformException.class)
          .isThrownBy(() -> rollout.awaitHealthy(step -> {}, Rig.deadline()))
          .withMessageContaining("STAND_IN is malformed")
          .matches(e -> e.kind() == Kind.FAILED);
    }
    assertThat(rig.current()).isEqualTo(before);
    assertThat(rig.answer().path("build").asString()).isEqualTo("first");
    assertThat(rig.edge.told).as("until the old one is back").containsExactly("drain", "undrain");
    assertThat(rig.platform.history(1, Rig.deadline()).getFirst().state()).isEqualTo(State.FAILED);
    try (Rollout back = rig.platform.restore(before, Rig.deadline())) {
      assertThat(back.unchanged()).isTrue();
    }
  }

  @Test
  @Tag("long")
  void oneThatIsNeverReadyGivesWayToo() throws Exception {
    hurry(SHORT, Rig.LIMIT);
    try (Rollout rollout = begin("second", Map.of("STAND_IN", "sick"))) {
      assertThatExceptionOfType(PlatformException.class)
          .isThrownBy(() -> rollout.awaitHealthy(step -> {}, Rig.deadline()))
          .withMessageContaining("is not ready after")
          .matches(e -> e.kind() == Kind.FAILED);
    }
    assertThat(rig.answer().path("build").asString()).isEqualTo("first");
  }

  @Test
  void oneThatTheEdgeDoesNotFindHealthyGivesWayToo() throws Exception {
    hurry(Rig.LIMIT, SHORT);
    rig.edge.strict = true;
    try (Rollout rollout = begin("second", Map.of())) {
      Conditions.await("it runs", () -> rig.log().contains("starts second"));
      Conditions.await("it goes", () -> rig.log().contains("ends second"));
      rig.edge.strict = false;
      assertThatExceptionOfType(PlatformException.class)
          .isThrownBy(() -> rollout.awaitHealthy(step -> {}, Rig.deadline()))
          .withMessageContaining("the edge does not find it healthy");
    }
    assertThat(rig.answer().path("build").asString()).isEqualTo("first");
  }

  @Test
  void aLaterReleaseTakesThePlaceOfOneThatIsNotThereYet() throws Exception {
    try (Rollout rollout = begin("second", Map.of("STAND_IN", "sick"))) {
      Conditions.await("it runs", () -> rig.log().contains("starts second"));
      assertThat(rig.current().state()).isNotEqualTo(State.HEALTHY);

      rig.deploy(rig.image("third"), Map.of("RELEASE", "r3"));

      assertThatExceptionOfType(PlatformException.class)
          .isThrownBy(() -> rollout.awaitHealthy(step -> {}, Rig.deadline()))
          .withMessageContaining("called off")
          .matches(e -> e.kind() == Kind.CONFLICT);
    }
    assertThat(rig.answer().path("build").asString()).isEqualTo("third");
    assertThat(rig.edge.told).as("away for both").containsExactly("drain", "undrain");
  }

  @Test
  void toGoBackIsSuchAReleaseToo() throws Exception {
    Release before = rig.current();
    try (Rollout _ = begin("second", Map.of("STAND_IN", "sick"))) {
      Conditions.await("it runs", () -> rig.log().contains("starts second"));
      try (Rollout back = rig.platform.restore(before, Rig.deadline())) {
        assertThat(back.unchanged()).as("it has ended").isFalse();
        back.awaitHealthy(step -> {}, Rig.deadline());
      }
    }
    assertThat(rig.answer().path("build").asString()).isEqualTo("first");
  }

  @Test
  void oneThatWasDrainedBeforeStaysSo() throws Exception {
    rig.edge.drain();
    rig.deploy(rig.image("second"), Map.of());
    assertThat(rig.edge.told).isEmpty();
    assertThat(rig.answer().path("build").asString()).isEqualTo("second");
  }

  @Test
  void whereNoOtherOriginIsHealthyCallsWait() throws Exception {
    rig.edge.drains = false;
    rig.deploy(rig.image("second"), Map.of());
    assertThat(rig.edge.told).containsExactly("drain in vain");
    assertThat(rig.answer().path("build").asString()).isEqualTo("second");
  }

  @Test
  void withoutAnEdgeNothingIsChanged() throws Exception {
    hurry(Rig.LIMIT, SHORT);
    rig.edge.close();
    String instance = rig.answer().path("instance").asString();
    try (Rollout rollout = begin("second", Map.of())) {
      assertThatExceptionOfType(PlatformException.class)
          .isThrownBy(() -> rollout.awaitHealthy(step -> {}, Rig.deadline()))
          .withMessageContaining("the edge does not answer");
    }
    assertThat(rig.answer().path("instance").asString()).isEqualTo(instance);
  }

  @Test
  void anotherChangeOfThePairIsWaitedFor() throws Exception {
    rig.traffic.turn.take("the edge is being restarted");
    try (Rollout rollout = begin("second", Map.of())) {
      assertThat(rig.platform.history(1, Rig.deadline()).getFirst().state())
          .isEqualTo(State.PROGRESSING);
      assertThatExceptionOfType(PairException.class)
          .isThrownBy(() -> rig.traffic.turn.now("one is being drained", () -> true))
          .withMessage("the edge is being restarted");
      assertThat(rig.answer().path("build").asString()).isEqualTo("first");

      rig.traffic.turn.giveBack();

      rollout.awaitHealthy(step -> {}, Rig.deadline());
    }
    assertThat(rig.answer().path("build").asString()).isEqualTo("second");
    assertThat(rig.traffic.turn.<Boolean>now("one is being drained", () -> true)).isTrue();
  }

  @Test
  void whatDiesIsStartedAgainFromTheBuildThatRuns() throws Exception {
    rig.deploy(rig.image("second"), Map.of("RELEASE", "r2"));
    String before = rig.answer().path("instance").asString();

    ProcessHandle.of(Objects.requireNonNull(rig.origin.keeper.pid()))
        .orElseThrow()
        .destroyForcibly();

    Conditions.await(
        "it is back", () -> rig.told.stream().anyMatch(line -> line.startsWith("one is up again")));
    assertThat(rig.answer().path("build").asString()).isEqualTo("second");
    assertThat(rig.answer().path("instance").asString()).isNotEqualTo(before);
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

  @Test
  void secretsWithWhichItDoesNotStartGiveWayToThoseBefore() throws Exception {
    put("STAND_IN", "fail");
    try (Rollout rollout = rig.platform.restart(Rig.deadline())) {
      assertThatExceptionOfType(PlatformException.class)
          .isThrownBy(() -> rollout.awaitHealthy(step -> {}, Rig.deadline()))
          .withMessageContaining("STAND_IN is malformed");
    }
    assertThat(rig.answer().path("build").asString()).isEqualTo("first");
    assertThat(rig.current().state()).isEqualTo(State.HEALTHY);
  }

  private SecretChange put(String name, String value) throws Exception {
    return Objects.requireNonNull(
        rig.platform.putSecrets(Map.of(name, Secret.of(value)), Rig.deadline()).get(name));
  }

  @Test
  void aReleaseThatIsNotWhatItsDigestSaysIsRefused() throws Exception {
    ImageReference second = rig.image("second");
    Path stored = rig.releases.folder(second.digest().orElseThrow());
    Files.writeString(stored.resolve("build.txt"), "another");

    assertThatExceptionOfType(PlatformException.class)
        .isThrownBy(() -> rig.deploy(second, Map.of()))
        .withMessageContaining("has been changed")
        .matches(e -> e.kind() == Kind.REJECTED);

    assertThat(rig.answer().path("build").asString()).isEqualTo("first");
    assertThat(rig.platform.history(10, Rig.deadline())).hasSize(1);
  }

  @Test
  void whatCannotRunHereIsRefused() throws Exception {
    ImageReference absent =
        ImageReference.parse("ghcr.io/me/mcpist").withDigest("sha256:" + "0".repeat(64));
    assertThatExceptionOfType(PlatformException.class)
        .isThrownBy(() -> rig.deploy(absent, Map.of()))
        .withMessageContaining("no release sha256:000")
        .matches(e -> e.kind() == Kind.REJECTED);
    assertThatExceptionOfType(PlatformException.class)
        .isThrownBy(() -> rig.deploy(rig.image("second"), Map.of("PORT", "1")))
        .withMessageContaining("PORT is set by whoever runs the origin");
  }

  @Test
  void anotherSupervisorGoesOnWithWhatRuns() throws Exception {
    rig.deploy(rig.image("second"), Map.of("RELEASE", "r2"));
    put("EXTRA", "one");
    HostedOrigin another = rig.another(rig.origin.record());

    another.start(rig.orphans());

    another.keeper.awaitReady(Rig.LIMIT);
    assertThat(another.keeper.pid()).isEqualTo(rig.origin.keeper.pid());
    assertThat(another.releases()).isEqualTo(rig.origin.releases());
    assertThat(another.secretNames()).contains("EXTRA");
    another.keeper.stop();
  }

  @Test
  void whatIsOnItsWayIsNotedDownAndAnotherSupervisorGoesOnWithIt() throws Exception {
    try (Rollout _ = begin("second", Map.of("STAND_IN", "sick"))) {
      Conditions.await("it runs", () -> rig.log().contains("starts second"));
      assertThat(rig.changes).as("before it was started").hasPositiveValue();
      HostedOrigin another = rig.another(rig.origin.record());

      another.start(rig.orphans());

      Conditions.await("it has the process", () -> another.keeper.pid() != null);
      assertThat(another.keeper.pid()).isEqualTo(rig.origin.keeper.pid());
      assertThat(another.releases().getFirst().told()).isEqualTo("starting");
      another.keeper.stop();
    }
  }

  @Test
  void theEndOfThePairInTheMiddleLeavesNothing() throws Exception {
    try (Rollout _ = begin("second", Map.of("STAND_IN", "sick"))) {
      Conditions.await("it runs", () -> rig.log().contains("starts second"));
    }

    rig.origin.keeper.stop();

    Conditions.await("none is left", () -> rig.processCount() == 0);
    Conditions.await(
        "it says so",
        () -> rig.told.stream().anyMatch(line -> line.contains("one is being stopped")));
  }
}
