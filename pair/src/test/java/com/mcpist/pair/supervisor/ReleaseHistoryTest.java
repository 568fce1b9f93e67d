package com.mcpist.pair.supervisor;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.deploy.platform.Platform.Release.State;
import com.mcpist.pair.control.PairStatus.HostedRelease;
import com.mcpist.pair.data.Releases.Stored;
import com.mcpist.pair.supervisor.ReleaseHistory.Entry;
import com.mcpist.pair.supervisor.ReleaseHistory.OriginRelease;
import com.mcpist.pair.supervisor.ReleaseHistory.Phase;
import com.mcpist.pair.supervisor.ReleaseHistory.Seen;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What becomes of releases, and how they are, without any process. */
class ReleaseHistoryTest {
  private static final Seen NOTHING = new Seen(false, 0, "");

  private static OriginRelease release(String id, int build) {
    Stored stored = new Stored("sha256:" + ("" + build).repeat(64), Path.of("builds", "" + build));
    return new OriginRelease(id, stored, Map.of("RELEASE", "r" + build), Map.of(), Instant.EPOCH);
  }

  private final ReleaseHistory first = ReleaseHistory.of(release("a", 1));

  @Test
  void theOneBeforeRunsUntilTheNewOneDoes() {
    ReleaseHistory starting = first.starting(release("b", 2));
    assertThat(starting.running().id()).isEqualTo("a");
    assertThat(starting(starting)).containsExactly("b");

    ReleaseHistory done = starting.runs("b");
    assertThat(done.running().id()).isEqualTo("b");
    assertThat(starting(done)).isEmpty();
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
    for (int i = 0; i < 50; i++) {
      history = history.starting(release("f" + i, 2)).ended("f" + i, Phase.FAILED, "");
    }
    assertThat(history.running().id()).isEqualTo("a");
    assertThat(history.entries()).hasSizeBetween(30, 31);
    assertThat(history.entries().getFirst().release().id()).isEqualTo("f49");
    assertThat(history.digests()).hasSize(2);
  }

  @Test
  void aLaterOneCallsOffWhatIsOnItsWay() {
    ReleaseHistory later = first.starting(release("b", 2)).starting(release("c", 3));
    assertThat(starting(later)).containsExactly("c");
    assertThat(later.find("b").orElseThrow().phase()).isEqualTo(Phase.CALLED_OFF);
    assertThat(later.ended("b", Phase.FAILED, "late").find("b").orElseThrow().phase())
        .isEqualTo(Phase.CALLED_OFF);
    assertThat(later.runs("c").running().id()).isEqualTo("c");
  }

  @Test
  void oneThatAnEarlierSupervisorWasAboutIsThereOnce() {
    ReleaseHistory starting = first.starting(release("b", 2));
    assertThat(starting.onItsWay()).contains(release("b", 2));
    assertThat(starting.starting(release("b", 2))).isEqualTo(starting);
    assertThat(starting.runs("b").onItsWay()).isEmpty();
  }

  @Test
  void releasesAreTheSameByFolderAndVariables() {
    assertThat(release("a", 1).sameAs(release("c", 1))).isTrue();
    assertThat(release("a", 1).sameAs(release("c", 2))).isFalse();
    OriginRelease other =
        OriginRelease.of(release("a", 1).stored(), Map.of("X", "1"), Map.of("S", "1"));
    assertThat(release("a", 1).sameAs(other)).isFalse();
    assertThat(other.toString()).doesNotContain("S");
  }

  @Test
  void aReleaseIsAsItsProcessIs() {
    assertThat(told(Phase.STARTING, null).state()).isEqualTo(State.PROGRESSING);
    assertThat(told(Phase.FAILED, NOTHING).state()).isEqualTo(State.FAILED);
    assertThat(told(Phase.CALLED_OFF, NOTHING).state()).isEqualTo(State.STOPPED);
    assertThat(told(Phase.REPLACED, NOTHING).state()).isEqualTo(State.STOPPED);

    assertThat(told(Phase.RUNNING, null).state()).isEqualTo(State.PROGRESSING);
    assertThat(told(Phase.RUNNING, NOTHING).state()).as("it hangs").isEqualTo(State.UNHEALTHY);
    assertThat(told(Phase.RUNNING, new Seen(false, 1, "exit code 3")).state())
        .isEqualTo(State.UNHEALTHY);
    HostedRelease crashing = told(Phase.RUNNING, new Seen(false, 3, "exit code 3"));
    assertThat(crashing.state()).isEqualTo(State.FAILED);
    assertThat(crashing.detail()).isEqualTo("died 3 times, last exit code 3");
    assertThat(told(Phase.RUNNING, new Seen(true, 5, "exit code 3")).state())
        .as("it has got well")
        .isEqualTo(State.HEALTHY);
  }

  private static HostedRelease told(Phase phase, @Nullable Seen seen) {
    return new Entry(release("a", 1), phase, "").told(seen);
  }

  private static List<String> starting(ReleaseHistory history) {
    return history.entries().stream()
        .filter(entry -> entry.phase() == Phase.STARTING)
        .map(entry -> entry.release().id())
        .toList();
  }
}
