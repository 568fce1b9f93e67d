package com.mcpist.pair.rollout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.mcpist.deploy.image.ImageReference;
import com.mcpist.deploy.platform.PlatformException;
import com.mcpist.deploy.platform.PlatformException.Kind;
import com.mcpist.deploy.platform.Release;
import com.mcpist.deploy.platform.Release.State;
import com.mcpist.deploy.platform.Rollout;
import com.mcpist.testkit.Conditions;
import com.mcpist.testkit.HttpMessage;
import com.mcpist.testkit.Need;
import com.mcpist.testkit.Needs;
import com.mcpist.testkit.RawHttp;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A release starts beside the one before. Real processes; the origin is a stand-in. */
@Needs(Need.LINUX)
class OverlapTest {
  private Rig rig;

  // JUnit calls start before anything else.
  @SuppressWarnings("NullAway.Init")
  OverlapTest() {}

  @BeforeEach
  void start(@TempDir Path folder) throws Exception {
    rig = Rig.start(folder, true);
  }

  @AfterEach
  void stop() throws Exception {
    rig.stop();
    Conditions.await("no process is left", () -> rig.processCount() == 0);
  }

  @Test
  void theOldOneEndsWhenTheNewOneAnswersAndItsClientsComeAgain() throws Exception {
    AtomicBoolean over = new AtomicBoolean();
    Set<String> builds = new java.util.concurrent.ConcurrentSkipListSet<>();
    List<String> failures = new CopyOnWriteArrayList<>();
    Thread kept = Thread.ofPlatform().start(() -> callOnKept(over, builds, failures));
    Conditions.await("it is asked", () -> builds.contains("first"));

    Release release = rig.deploy(rig.image("second"), Map.of("RELEASE", "r2"));

    assertThat(release.state()).isEqualTo(State.HEALTHY);
    Conditions.await("the old one ends", () -> rig.processCount() == 1);
    assertThat(rig.answer().path("build").asString()).isEqualTo("second");
    assertThat(rig.answer().path("release").asString()).isEqualTo("r2");
    Conditions.await("the kept connection comes again", () -> builds.contains("second"));
    over.set(true);
    kept.join();
    assertThat(failures).isEmpty();
    assertThat(rig.log().lines())
        .containsSubsequence("starts first", "starts second", "ends first");
    assertThat(rig.told).contains("one runs release r2", "healthy r2");
  }

  private void callOnKept(AtomicBoolean over, Set<String> builds, List<String> failures) {
    RawHttp connection = RawHttp.connect(rig.port());
    try {
      while (!over.get()) {
        HttpMessage answer = connection.send(Rig.request("keep-alive")).read();
        builds.add(rig.answer(answer).path("build").asString());
        if (answer.header("Connection").orElse("").equals("close")) {
          connection.close();
          connection = RawHttp.connect(rig.port());
        }
      }
      connection.close();
    } catch (Exception e) {
      failures.add(e.toString());
    }
  }

  @Test
  void historyHasTheNewestFirstAndEachProcessIsAnInstanceOfItsOwn() throws Exception {
    Release first = rig.current();
    Set<String> instances = new TreeSet<>();
    instances.add(rig.answer().path("instance").asString());
    assertThat(first.env()).isEqualTo(Map.of("RELEASE", "r1"));

    ImageReference second = rig.image("second");
    Release release = rig.deploy(second, Map.of("RELEASE", "r2"));
    Conditions.await("the old one ends", () -> rig.processCount() == 1);
    instances.add(rig.answer().path("instance").asString());

    assertThat(rig.current()).isEqualTo(release);
    assertThat(release.image()).contains(second);
    assertThat(release.env())
        .isEqualTo(Map.of("RELEASE", "r2", "IMAGE_DIGEST", second.digest().orElseThrow()));
    List<Release> history = rig.platform.history(10, Rig.deadline());
    assertThat(history).extracting(Release::id).containsExactly(release.id(), first.id());
    assertThat(history.get(1).state()).isEqualTo(State.STOPPED);
    assertThat(rig.platform.history(1, Rig.deadline())).hasSize(1);

    try (Rollout back = rig.platform.restore(history.get(1), Rig.deadline())) {
      assertThat(back.awaitHealthy(step -> {}, Rig.deadline()).env())
          .isEqualTo(Map.of("RELEASE", "r1"));
    }
    Conditions.await("the old one ends", () -> rig.processCount() == 1);
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
        .contains("one: start " + second + " beside", "set IMAGE_DIGEST, RELEASE");
    Release release = rig.deploy(second, Map.of("RELEASE", "r2"));

    assertThat(rig.platform.preview(Rig.wanted(second, Map.of()), Rig.deadline())).isEmpty();
    try (Rollout again =
        rig.platform.deploy(Rig.wanted(second, Map.of("RELEASE", "r2")), Rig.deadline())) {
      assertThat(again.unchanged()).isTrue();
      assertThat(again.id()).isEqualTo(release.id());
      assertThat(again.awaitHealthy(step -> {}, Rig.deadline())).isEqualTo(release);
    }
    assertThat(rig.platform.history(10, Rig.deadline())).hasSize(2);
  }

  @Test
  void oneThatDiesLeavesTheOldOneServing() throws Exception {
    String before = rig.answer().path("instance").asString();
    try (Rollout rollout =
        rig.platform.deploy(
            Rig.wanted(rig.image("second"), Map.of("STAND_IN", "fail")), Rig.deadline())) {
      assertThatExceptionOfType(PlatformException.class)
          .isThrownBy(() -> rollout.awaitHealthy(step -> {}, Rig.deadline()))
          .withMessageContaining("STAND_IN is malformed")
          .matches(e -> e.kind() == Kind.FAILED);
    }
    assertThat(rig.answer().path("instance").asString()).isEqualTo(before);
    assertThat(rig.current().state()).isEqualTo(State.HEALTHY);
    assertThat(rig.platform.history(1, Rig.deadline()).getFirst().state()).isEqualTo(State.FAILED);
  }

  @Test
  void oneThatNeverGetsReadyIsCalledOffAndThenTheOldOneIsWhatRuns() throws Exception {
    Release before = rig.current();
    try (Rollout rollout =
        rig.platform.deploy(
            Rig.wanted(rig.image("second"), Map.of("STAND_IN", "sick")), Rig.deadline())) {
      Conditions.await("it runs", () -> rig.log().contains("starts second"));
      assertThat(rig.turns.taken("one")).contains("being rolled out");
      assertThat(rig.current().id()).isEqualTo(before.id());

      assertThat(rollout.cancel(Rig.deadline())).isTrue();
      assertThat(rollout.cancel(Rig.deadline())).as("again").isTrue();
    }
    Conditions.await("it has ended", () -> rig.processCount() == 1);
    Conditions.await("the turn is given back", () -> rig.turns.taken("one").isEmpty());
    assertThat(rig.current()).isEqualTo(before);
  }

  @Test
  void toGoBackCallsOffWhatIsOnItsWay() throws Exception {
    Release before = rig.current();
    try (Rollout rollout =
            rig.platform.deploy(
                Rig.wanted(rig.image("second"), Map.of("STAND_IN", "sick")), Rig.deadline());
        Rollout back = rig.platform.restore(before, Rig.deadline())) {
      assertThat(back.unchanged()).isTrue();
      assertThat(back.id()).isEqualTo(before.id());
      assertThatExceptionOfType(PlatformException.class)
          .isThrownBy(() -> rollout.awaitHealthy(step -> {}, Rig.deadline()))
          .withMessageContaining("called off")
          .matches(e -> e.kind() == Kind.CONFLICT);
    }
  }

  @Test
  void aLaterReleaseTakesThePlaceOfOneThatIsNotThereYet() throws Exception {
    ImageReference second = rig.image("second");
    try (Rollout rollout =
        rig.platform.deploy(Rig.wanted(second, Map.of("STAND_IN", "sick")), Rig.deadline())) {
      Conditions.await("it runs", () -> rig.log().contains("starts second"));
      rig.deploy(rig.image("third"), Map.of("STAND_IN", "", "RELEASE", "r3"));
      Conditions.await("the old one ends", () -> rig.processCount() == 1);
      assertThat(rig.answer().path("build").asString()).isEqualTo("third");
      assertThat(rollout.cancel(Rig.deadline())).as("it was called off then").isTrue();
    }
  }

  @Test
  void whatDiesIsStartedAgainFromTheBuildThatRuns() throws Exception {
    rig.deploy(rig.image("second"), Map.of("RELEASE", "r2"));
    Conditions.await("the old one ends", () -> rig.processCount() == 1);
    String before = rig.answer().path("instance").asString();

    ProcessHandle.of(rig.origin.keeper().pid().orElseThrow()).orElseThrow().destroyForcibly();

    Conditions.await("it is back", () -> rig.told.contains("one restarted"));
    assertThat(rig.answer().path("build").asString()).isEqualTo("second");
    assertThat(rig.answer().path("instance").asString()).isNotEqualTo(before);
  }

  @Test
  void theEndOfThePairInTheMiddleLeavesNothing() throws Exception {
    rig.platform.deploy(
        Rig.wanted(rig.image("second"), Map.of("STAND_IN", "sick")), Rig.deadline());
    Conditions.await("both run", () -> rig.processCount() == 2);

    rig.origin.close();
    rig.origin.keeper().stop();

    Conditions.await("none is left", () -> rig.processCount() == 0);
    assertThatExceptionOfType(PlatformException.class)
        .isThrownBy(() -> rig.platform.restart(Rig.deadline()))
        .withMessageContaining("one is being stopped");
  }
}
