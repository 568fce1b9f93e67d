package com.mcpist.pair.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.mcpist.pair.data.PairException;
import com.mcpist.testkit.Conditions;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class KeeperTest extends KeeperCase {
  @Test
  void whatDiesIsStartedAgainAndTold() throws Exception {
    Keeper kept = keep("echo begins; exec sleep 1000", true);
    kept.awaitReady(LIMIT);
    long first = kept.pid().orElseThrow();
    Conditions.await("it has begun", () -> log().equals("begins\n"));

    ProcessHandle.of(first).orElseThrow().destroyForcibly();

    Conditions.await("it is told", () -> told.contains("restarted it"));
    assertThat(told.getFirst()).isEqualTo("died it: killed, signal 9, 0");
    assertThat(kept.pid().orElseThrow()).isNotEqualTo(first);
    Conditions.await("both runs are in its log", () -> log().equals("begins\nbegins\n"));
  }

  @Test
  void whatDiesBeforeItIsReadyFailsTheStartWithItsLastLine() throws Exception {
    Keeper kept = keep("echo first; echo the reason >&2; exit 3", false);

    assertThatExceptionOfType(PairException.class)
        .isThrownBy(() -> kept.awaitReady(LIMIT))
        .withMessageContaining("it ended at once (exit code 3): the reason")
        .withMessageContaining("it.log");
    Conditions.await("the wait grows", () -> told.contains("died it: exit code 3, 250"));
  }

  @Test
  void whatIsNotReadyInTimeFailsTheStart() throws Exception {
    Keeper kept = keep("exec sleep 1000", false);

    assertThatExceptionOfType(PairException.class)
        .isThrownBy(() -> kept.awaitReady(Duration.ofMillis(100)))
        .withMessageContaining("it is not ready");
  }

  @Test
  void whatDoesNotStopIsKilled() throws Exception {
    Keeper kept =
        keep(
            new ShellProgram(
                "it", "trap '' TERM; while :; do sleep 1; done", ready(), Duration.ofMillis(200)));
    kept.awaitReady(LIMIT);
    ProcessHandle process = ProcessHandle.of(kept.pid().orElseThrow()).orElseThrow();

    kept.stop();

    assertThat(process.isAlive()).isFalse();
    assertThat(told).as("a stop is no death").isEmpty();
  }

  @Test
  void aStopDuringTheWaitEndsIt() throws Exception {
    Keeper kept = keep("exit 1", false);
    Conditions.await("it waits", () -> told.stream().anyMatch(line -> line.endsWith(", 4000")));

    kept.stop();

    int deaths = told.size();
    assertThat(kept.pid()).isEmpty();
    assertThat(told).hasSize(deaths);
  }

  @Test
  void whatItWritesNeverBlocksIt() throws Exception {
    Path done = folder.resolve("done");
    Keeper kept =
        keep(
            new ShellProgram(
                "it",
                "head -c 3000000 /dev/zero | tr '\\0' x; echo; touch '"
                    + done
                    + "'; exec sleep 1000",
                done,
                Duration.ofSeconds(5)));

    kept.awaitReady(LIMIT);

    Conditions.await("all is in the log", () -> log().length() >= 3_000_000);
  }
}
