package com.mcpist.deploy.secrets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.mcpist.deploy.release.DeployException;
import com.mcpist.deploy.release.Site.Target;
import com.mcpist.deploy.secret.Secret;
import com.mcpist.deploy.secrets.Rotation.RotationStep;
import com.mcpist.deploy.time.Deadline;
import com.mcpist.deploy.verify.OriginClient;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RotationTest {
  /** More than the moments that any rotation can be broken off at. */
  private static final int MOST_MOMENTS = 60;

  private final SecretStage stage = new SecretStage();
  private final List<String> refused = new ArrayList<>();

  @BeforeEach
  void aClientCallsAllTheWhile() {
    stage.onStep = this::call;
  }

  @AfterEach
  void close() throws IOException {
    stage.close();
  }

  private void call() {
    try {
      OriginClient client = new OriginClient(stage.worker.url(), List.of(), stage.time);
      var tools = client.tools(Optional.empty(), stage.time.minutes(1));
      if (!tools.problem().isEmpty()) {
        refused.add(String.join(" > ", stage.told) + ": " + tools.problem());
      }
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** One that SIGKILL ends has no word to say either. */
  private static final class Killed extends RuntimeException {
    private static final long serialVersionUID = 1;
  }

  @ParameterizedTest
  @ValueSource(strings = {"GATEWAY_SECRET", "ADMIN_TOKEN"})
  void everybodyHasTheNewValueAndNoCallWasRefused(String name) throws Exception {
    String old = stage.value(name);

    Rotation rotation = stage.rotation(name);

    List<RotationStep> steps = rotation.run();

    assertThat(steps).isNotEmpty();
    assertThat(rotation.admin().orElseThrow().events(1, stage.time.minutes(1)))
        .as("what people were told is found with the new value")
        .isEmpty();
    assertThatAllHave(name, old);
    assertThat(stage.primary.starts).hasValue(2);
    assertThat(stage.standby.starts).hasValue(2);
    assertThat(stage.books.isLocked()).isFalse();
  }

  private void assertThatAllHave(String name, String old) throws InterruptedException {
    String value = stage.value(name);
    assertThat(value).hasSize(64).isNotEqualTo(old);
    assertThat(stage.source).doesNotContainKey(name + "_NEXT");
    assertThat(stage.worker.running).containsEntry(name, value);
    assertThat(stage.primary.running).containsEntry(name, value);
    assertThat(stage.standby.running).containsEntry(name, value);
    assertThat(refused).isEmpty();
    if (name.equals("GATEWAY_SECRET")) {
      for (Target target : stage.site().site().targets()) {
        assertThat(
                target.client().status("/mcp", Optional.of(Secret.of(old)), stage.time.minutes(1)))
            .isEqualTo(403);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"GATEWAY_SECRET", "ADMIN_TOKEN"})
  void brokenOffAtAnyMomentItIsFinishedByTheSame(String name) throws Exception {
    int moment = 1;
    while (brokenOff(name, moment)) {
      moment++;
      assertThat(moment).isLessThan(MOST_MOMENTS);
    }
    assertThat(moment).as("it was broken off at").isGreaterThan(15);
  }

  /** Whether there was such a moment; a new value has come all the way in any case. */
  private boolean brokenOff(String name, int moment) throws Exception {
    String old = stage.value(name);
    AtomicInteger moments = new AtomicInteger();
    stage.onStep =
        () -> {
          call();
          if (moments.incrementAndGet() == moment) {
            throw new Killed();
          }
        };
    boolean killed = false;
    try {
      var _ = stage.rotation(name).run();
    } catch (Killed _) {
      killed = true;
      call();
      stage.onStep = this::call;
      var _ = stage.rotation(name).run();
    }
    assertThatAllHave(name, old);
    stage.told.clear();
    return killed;
  }

  @Test
  void oneThatAKilledCommandHasLeftStartingIsWaitedFor() throws Exception {
    Instant back = stage.time.now().plusSeconds(30);
    stage.standby.there = () -> !stage.time.now().isBefore(back);

    var _ = stage.rotation("GATEWAY_SECRET").run();

    assertThat(stage.told).contains("flyio-standby: waiting until it answers");
    assertThatAllHave("GATEWAY_SECRET", SecretStage.GATEWAY);
  }

  @Test
  void oneThatNeverAnswersIsAStrangerInTheEnd() {
    stage.standby.there = () -> false;
    Deadline aMinute = stage.time.minutes(1);

    assertThatExceptionOfType(DeployException.class)
        .isThrownBy(() -> stage.rotation("GATEWAY_SECRET").run())
        .withMessageContaining("flyio-standby does not show which GATEWAY_SECRET it has");
    assertThat(aMinute.passed()).isTrue();
    assertThat(stage.source).doesNotContainKey("GATEWAY_SECRET_NEXT");
    assertThat(stage.books.isLocked()).isFalse();
  }

  @Test
  void aValueOfSomebodyElsesIsBroughtToEverybodyAndBecomesTheSources() throws Exception {
    String next = "postgres://notes:another-password@db.example.com/notes";
    assertThatExceptionOfType(DeployException.class)
        .isThrownBy(() -> stage.rotation("DATABASE_URL").run())
        .withMessageContaining("set it in GitHub as DATABASE_URL_NEXT");
    stage.source.put("DATABASE_URL_NEXT", next);

    var _ = stage.rotation("DATABASE_URL").run();

    assertThat(stage.source)
        .containsEntry("DATABASE_URL", next)
        .doesNotContainKey("DATABASE_URL_NEXT");
    assertThat(stage.primary.running).containsEntry("DATABASE_URL", next);
    assertThat(stage.standby.running).containsEntry("DATABASE_URL", next);
    assertThat(stage.primary.starts).hasValue(1);
    assertThat(refused).isEmpty();
  }

  @Test
  void whoeverRunsWithAnotherValueIsSyncedFirst() {
    stage.standby.running.put("GATEWAY_SECRET", "another-" + SecretStage.GATEWAY);

    assertThatExceptionOfType(DeployException.class)
        .isThrownBy(() -> stage.rotation("GATEWAY_SECRET").run())
        .withMessageContaining("flyio-standby does not show which GATEWAY_SECRET it has")
        .withMessageContaining("mcpist secrets check");
    assertThat(stage.source).doesNotContainKey("GATEWAY_SECRET_NEXT");
  }

  @Test
  void whileTheOtherOriginDoesNotServeNothingStartsAgain() {
    stage.primary.healthy = false;

    assertThatExceptionOfType(DeployException.class)
        .isThrownBy(() -> stage.rotation("GATEWAY_SECRET").run())
        .withMessageContaining("while flyio-standby starts again, no other origin would serve")
        .withMessageContaining("--force");
    assertThat(stage.standby.starts).hasValue(0);
    assertThat(stage.books.isLocked()).isFalse();
  }

  @Test
  void whileSomebodyDeploysItWaitsAndIsRefused() {
    stage.books.lockedBy("alice", 60);

    assertThatExceptionOfType(DeployException.class)
        .isThrownBy(() -> stage.rotation("GATEWAY_SECRET").run())
        .withMessageContaining("alice deploys");
    assertThat(stage.source).doesNotContainKey("GATEWAY_SECRET_NEXT");
  }

  @Test
  void aPreviewChangesNothing() throws Exception {
    List<RotationStep> steps = stage.rotation("GATEWAY_SECRET").preview();

    assertThat(steps)
        .extracting(step -> step.told("GATEWAY_SECRET", "GitHub"))
        .containsExactly(
            "Making a new GATEWAY_SECRET, kept by GitHub as GATEWAY_SECRET_NEXT",
            "Letting flyio-standby accept the old and the new one",
            "Letting koyeb-primary accept the old and the new one",
            "Letting worker use the new one",
            "Verifying the new one",
            "Making it GitHub's GATEWAY_SECRET",
            "Waiting for what worker has begun with the old one",
            "Letting flyio-standby accept the new one alone",
            "Letting koyeb-primary accept the new one alone",
            "Confirming that the old one is refused",
            "Deleting GitHub's GATEWAY_SECRET_NEXT");
    assertThat(stage.source).doesNotContainKey("GATEWAY_SECRET_NEXT");
    assertThat(stage.primary.starts).hasValue(0);
  }
}
