package com.mcpist.pair.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.mcpist.pair.data.PairException;
import com.mcpist.testkit.Conditions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class KeeperTest extends KeeperCase {
  @Test
  void whatDiesIsStartedAgainAndTold() throws Exception {
    Keeper kept = keep("echo begins; exec sleep 1000", true);
    kept.awaitReady(LIMIT);
    ProcessHandle first = process(kept);
    Conditions.await("it has begun", () -> log().equals("begins\n"));

    first.destroyForcibly();

    Conditions.await("it is told", () -> told.contains("it is up again (pid " + kept.pid() + ")"));
    assertThat(told.getFirst()).isEqualTo("it died (killed, signal 9), starting it again at once");
    assertThat(deaths).hasSize(2).extracting(Keeper.Death::how).containsOnly("killed, signal 9");
    assertThat(deaths.getLast().id()).isEqualTo(deaths.getFirst().id());
    assertThat(deaths.getFirst().upAgain()).isNull();
    assertThat(deaths.getLast().upAgain()).isAfterOrEqualTo(deaths.getFirst().at());
    assertThat(process(kept)).isNotEqualTo(first);
    assertThat(kept.trouble()).startsWith("it died (killed, signal 9) at ");
    Conditions.await("both runs are in its log", () -> log().equals("begins\nbegins\n"));
  }

  @Test
  void whatIsSilentIsToldUntilItAnswers() throws Exception {
    Keeper kept = keep("exec sleep 1000", true);
    kept.awaitReady(LIMIT);
    assertThat(kept.trouble()).isEmpty();
    Path silent = Files.createFile(folder.resolve("silent"));

    Conditions.await("it is told", () -> kept.trouble().matches("it has not answered for [2-8] s"));
    Files.delete(silent);

    Conditions.await("it is well again", () -> kept.trouble().isEmpty());
    assertThat(told).isEmpty();
  }

  @Test
  void whatDiesBeforeItIsReadyFailsTheStartWithItsLastLine() throws Exception {
    Keeper kept = keep("echo first; echo the reason >&2; exit 3", false);

    assertThatExceptionOfType(PairException.class)
        .isThrownBy(() -> kept.awaitReady(LIMIT))
        .withMessageContaining("it ended at once (exit code 3): the reason")
        .withMessageContaining("it.log");
    Conditions.await(
        "the wait grows",
        () -> told.contains("it died (exit code 3), starting it again in 0.25 s"));
    assertThat(deaths.get(1).times()).as("one that goes on").isEqualTo(2);
    assertThat(deaths.get(1).id()).isEqualTo(deaths.getFirst().id());
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
    ProcessHandle process = process(kept);

    kept.stop();

    assertThat(process.isAlive()).isFalse();
    assertThat(told).as("a stop is no death").isEmpty();
  }

  @Test
  void aStopDuringTheWaitEndsIt() throws Exception {
    Keeper kept = keep("exit 1", false);
    Conditions.await("it waits", () -> told.stream().anyMatch(line -> line.endsWith(" in 4.0 s")));

    kept.stop();

    int deaths = told.size();
    assertThat(kept.pid()).isNull();
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
