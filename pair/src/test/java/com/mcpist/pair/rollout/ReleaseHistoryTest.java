package com.mcpist.pair.rollout;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.deploy.image.ImageReference;
import com.mcpist.deploy.platform.Release.State;
import com.mcpist.pair.platform.LocalImages;
import com.mcpist.pair.rollout.ReleaseHistory.Entry;
import com.mcpist.pair.rollout.ReleaseHistory.Phase;
import com.mcpist.pair.rollout.ReleaseState.Seen;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What becomes of releases, and how they are, without any process. */
class ReleaseHistoryTest {
  private static final Seen NOTHING = new Seen(false, 0, "", Duration.ZERO);

  private static OriginRelease release(String id, int build) {
    ImageReference image = LocalImages.REPOSITORY.withDigest("sha256:" + ("" + build).repeat(64));
    return new OriginRelease(
        id, image, Path.of("builds", "" + build), Map.of("RELEASE", "r" + build), Instant.EPOCH);
  }

  private final ReleaseHistory first = ReleaseHistory.of(release("a", 1));

  @Test
  void theOneBeforeRunsUntilTheNewOneDoes() {
    ReleaseHistory starting = first.starting(release("b", 2));
    assertThat(starting.running().id()).isEqualTo("a");
    assertThat(starting.starting()).map(OriginRelease::id).contains("b");

    ReleaseHistory done = starting.runs("b");
    assertThat(done.running().id()).isEqualTo("b");
    assertThat(done.starting()).isEmpty();
    assertThat(done.entries())
        .extracting(Entry::phase)
        .containsExactly(Phase.RUNNING, Phase.REPLACED);
  }

  @Test
  void oneThatFailsIsRememberedAndTheOneBeforeRuns() {
    ReleaseHistory failed = first.starting(release("b", 2)).ended("b", Phase.FAILED, "why");
    assertThat(failed.running().id()).isEqualTo("a");
    assertThat(failed.find("b").orElseThrow().detail()).isEqualTo("why");
    assertThat(failed.ended("a", Phase.FAILED, "late").running().id())
        .as("what runs does not fail so")
        .isEqualTo("a");
  }

  @Test
  void theOldestAreForgottenAndNeverTheOneThatRuns() {
    ReleaseHistory history = first;
    for (int i = 0; i < 20; i++) {
      history = history.starting(release("f" + i, 2)).ended("f" + i, Phase.FAILED, "");
    }
    assertThat(history.running().id()).isEqualTo("a");
    assertThat(history.entries()).hasSizeLessThanOrEqualTo(11);
    assertThat(history.entries().getFirst().release().id()).isEqualTo("f19");
    assertThat(history.digests()).hasSize(2);
  }

  @Test
  void whatIsThereAlreadyIsKnownByImageAndVariables() {
    OriginRelease same = release("c", 1);
    assertThat(first.there(same, true)).map(OriginRelease::id).contains("a");
    assertThat(first.there(same, false)).as("it is not good").isEmpty();
    assertThat(first.there(release("c", 2), true)).isEmpty();
    OriginRelease otherVariables =
        new OriginRelease("c", same.image(), same.folder(), Map.of("X", "1"), Instant.EPOCH);
    assertThat(first.there(otherVariables, true)).isEmpty();

    ReleaseHistory starting = first.starting(release("b", 2));
    assertThat(starting.there(release("c", 2), false)).map(OriginRelease::id).contains("b");
    assertThat(starting.there(same, true)).map(OriginRelease::id).contains("a");
  }

  @Test
  void aReleaseIsAsItsProcessIs() {
    assertThat(state(Phase.STARTING, NOTHING)).isEqualTo(State.PROGRESSING);
    assertThat(state(Phase.FAILED, NOTHING)).isEqualTo(State.FAILED);
    assertThat(state(Phase.CALLED_OFF, NOTHING)).isEqualTo(State.STOPPED);
    assertThat(state(Phase.REPLACED, NOTHING)).isEqualTo(State.STOPPED);

    assertThat(state(Phase.RUNNING, NOTHING)).isEqualTo(State.PROGRESSING);
    assertThat(state(Phase.RUNNING, new Seen(false, 0, "", Duration.ofMinutes(1))))
        .as("it hangs")
        .isEqualTo(State.UNHEALTHY);
    assertThat(state(Phase.RUNNING, new Seen(false, 1, "exit code 3", Duration.ZERO)))
        .isEqualTo(State.UNHEALTHY);
    assertThat(state(Phase.RUNNING, new Seen(false, 3, "exit code 3", Duration.ZERO)))
        .isEqualTo(State.FAILED);
    assertThat(state(Phase.RUNNING, new Seen(true, 5, "exit code 3", Duration.ZERO)))
        .as("it has got well")
        .isEqualTo(State.HEALTHY);
    assertThat(
            ReleaseState.of(
                    new Entry(release("a", 1), Phase.RUNNING, ""),
                    new Seen(false, 3, "exit code 3", Duration.ZERO))
                .detail())
        .isEqualTo("died 3 times, last exit code 3");
  }

  private static State state(Phase phase, Seen seen) {
    return ReleaseState.of(new Entry(release("a", 1), phase, ""), seen).state();
  }
}
