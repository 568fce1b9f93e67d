package com.mcpist.pair.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.mcpist.pair.data.PairException;
import com.mcpist.testkit.Conditions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KeeperTest {
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final String IDLE = "while :; do sleep 0.1; done";

  private final List<String> told = new CopyOnWriteArrayList<>();
  private final ProcessEvents events =
      new ProcessEvents() {
        @Override
        public void restarted(String name, long pid) {
          told.add("restarted " + name);
        }

        @Override
        public void died(String name, String how, Duration delay) {
          told.add("died " + name + ": " + how + ", " + delay.toMillis());
        }
      };
  private final Takeover takeover = new Takeover();
  private Path folder;
  private @Nullable Keeper keeper;

  // JUnit calls prepare before anything else.
  @SuppressWarnings("NullAway.Init")
  KeeperTest() {}

  @BeforeEach
  void prepare(@TempDir Path temp) {
    folder = temp;
  }

  @AfterEach
  void stop() throws InterruptedException {
    Keeper kept = keeper;
    if (kept != null) {
      kept.stop();
      assertThat(kept.pid()).isEmpty();
    }
  }

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
  void aRestartIsNoDeath() throws Exception {
    Keeper kept = keep("exec sleep 1000", true);
    kept.awaitReady(LIMIT);
    ProcessHandle first = ProcessHandle.of(kept.pid().orElseThrow()).orElseThrow();

    kept.restart(LIMIT, LIMIT);

    assertThat(first.isAlive()).isFalse();
    assertThat(kept.pid().orElseThrow()).isNotEqualTo(first.pid());
    assertThat(told).isEmpty();
  }

  @Test
  void whereTwoOverlapTheOldOneEndsWhenItLikes() throws Exception {
    Path retired = folder.resolve("retired");
    Keeper kept =
        keep(overlapping("trap 'touch " + retired + "' USR1; while :; do sleep 0.1; done"));
    kept.awaitReady(LIMIT);
    ProcessHandle first = ProcessHandle.of(kept.pid().orElseThrow()).orElseThrow();

    kept.restart(LIMIT, LIMIT);

    ProcessHandle second = ProcessHandle.of(kept.pid().orElseThrow()).orElseThrow();
    assertThat(second).isNotEqualTo(first);
    Conditions.await("it is told to retire", () -> Files.exists(retired));
    assertThat(first.isAlive()).isTrue();
    second.destroyForcibly();
    Conditions.await("the second is kept too", () -> told.contains("restarted it"));
    kept.stop();
    assertThat(first.isAlive()).isFalse();
  }

  @Test
  void whereTheNewOneFailsTheOldOneGoesOn() throws Exception {
    Path file = folder.resolve("first");
    Keeper kept =
        keep(
            overlapping(
                "if mkdir " + file + "; then exec sleep 1000; fi; echo no room >&2; exit 3"));
    kept.awaitReady(LIMIT);
    long first = kept.pid().orElseThrow();
    Conditions.await("it has begun", () -> Files.exists(file));
    Files.delete(folder.resolve("ready"));

    assertThatExceptionOfType(PairException.class)
        .isThrownBy(() -> kept.restart(LIMIT, LIMIT))
        .withMessageContaining("the new it ended at once (exit code 3): no room")
        .withMessageContaining("goes on");
    assertThat(kept.pid()).hasValue(first);
    assertThat(told).isEmpty();
  }

  @Test
  void aNewOneThatIsNotReadyYetMayFinishWhatItHas() throws Exception {
    Path first = folder.resolve("first");
    Path serves = folder.resolve("serves");
    Path finished = folder.resolve("finished");
    String second = "trap 'touch " + finished + "; exit' TERM; touch " + serves;
    Keeper kept =
        keep(
            overlapping(
                "if mkdir " + first + "; then exec sleep 1000; fi; " + second + "; " + IDLE));
    kept.awaitReady(LIMIT);
    Conditions.await("it has begun", () -> Files.exists(first));
    Files.delete(folder.resolve("ready"));
    Thread restart = Thread.ofVirtual().start(() -> restartInVain(kept));
    Conditions.await("the new one serves", () -> Files.exists(serves));

    kept.stop();

    assertThat(finished).exists();
    restart.join();
    assertThat(told).hasSize(1).first().asString().startsWith("in vain: the new it");
  }

  private void restartInVain(Keeper kept) {
    try {
      kept.restart(LIMIT, LIMIT);
    } catch (PairException e) {
      told.add("in vain: " + e.getMessage());
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void oneThatIsCalledOffLeavesTheOldOne() throws Exception {
    Keeper kept = keep(overlapping("exec sleep 1000"));
    kept.awaitReady(LIMIT);
    long first = kept.pid().orElseThrow();
    Thread replacing =
        Thread.ofVirtual().start(() -> overlapInVain(kept, never("echo new; exec sleep 1000")));
    Conditions.await("the new one runs", () -> log().equals("new\n"));

    assertThat(takeover.callOff()).isTrue();

    replacing.join();
    assertThat(told).hasSize(1).first().asString().contains("was called off", "goes on");
    assertThat(kept.pid()).hasValue(first);
  }

  @Test
  void whatDiesWhileAnotherOneStartsBesideItIsStartedAgain() throws Exception {
    Keeper kept = keep(overlapping("echo old; exec sleep 1000"));
    kept.awaitReady(LIMIT);
    Thread replacing =
        Thread.ofVirtual().start(() -> overlapInVain(kept, never("echo new; exec sleep 1000")));
    Conditions.await("both run", () -> log().lines().count() == 2);
    ProcessHandle.of(kept.pid().orElseThrow()).orElseThrow().destroyForcibly();

    Conditions.await("the old one is back", () -> told.contains("restarted it"));
    assertThat(log().lines()).containsExactlyInAnyOrder("old", "new", "old");
    kept.stop();
    replacing.join();
    assertThat(told).last().asString().startsWith("in vain: the new it");
  }

  @Test
  void whatHasTakenOverIsWhatIsStartedAgain() throws Exception {
    Keeper kept = keep(overlapping("echo old; exec sleep 1000"));
    kept.awaitReady(LIMIT);
    ProcessHandle first = ProcessHandle.of(kept.pid().orElseThrow()).orElseThrow();

    kept.overlap(overlapping("echo new; exec sleep 1000"), takeover, LIMIT, LIMIT);
    assertThat(takeover.callOff()).as("it has taken over").isFalse();
    ProcessHandle second = ProcessHandle.of(kept.pid().orElseThrow()).orElseThrow();
    assertThat(second).isNotEqualTo(first);
    second.destroyForcibly();

    Conditions.await("it is back", () -> told.contains("restarted it"));
    Conditions.await("and is the new one", () -> log().equals("old\nnew\nnew\n"));
  }

  @Test
  void oneInPlaceIsStartedWhenTheOldOneHasEndedAndAgainWhenItDies() throws Exception {
    Path mended = folder.resolve("mended");
    Keeper kept = keep("echo old; exec sleep 1000", true);
    kept.awaitReady(LIMIT);
    ProcessHandle first = ProcessHandle.of(kept.pid().orElseThrow()).orElseThrow();

    kept.replace(
        new ShellProgram(
            "it",
            "test -e " + mended + " && exec sleep 1000; exit 3",
            mended,
            Duration.ofSeconds(5)),
        LIMIT);

    Conditions.await("it dies", () -> kept.deaths() >= 3);
    assertThat(first.isAlive()).isFalse();
    assertThat(kept.isReady()).isFalse();
    assertThat(told).first().isEqualTo("died it: exit code 3, 0");
    kept.replace(new ShellProgram("it", "exec sleep 1000", ready(), Duration.ofSeconds(5)), LIMIT);
    Conditions.await("the third is ready", kept::isReady);
    assertThat(kept.deaths()).isZero();
  }

  private Program never(String script) {
    return new ShellProgram("it", script, folder.resolve("never"), Duration.ofSeconds(5), true);
  }

  private void overlapInVain(Keeper kept, Program next) {
    try {
      kept.overlap(next, takeover, LIMIT, LIMIT);
    } catch (PairException e) {
      told.add("in vain: " + e.getMessage());
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void whatHangsInItsStartCanBeRestarted() throws Exception {
    Path first = folder.resolve("first");
    Path ready = folder.resolve("second");
    Keeper kept =
        keep(
            new ShellProgram(
                "it",
                "mkdir " + first + " || touch " + ready + "; exec sleep 1000",
                ready,
                Duration.ofSeconds(5)));
    Conditions.await("it has begun", () -> Files.exists(first) && kept.pid().isPresent());
    ProcessHandle hung = ProcessHandle.of(kept.pid().orElseThrow()).orElseThrow();

    kept.restart(LIMIT, LIMIT);

    assertThat(hung.isAlive()).isFalse();
    assertThat(kept.pid()).isPresent();
    kept.awaitReady(LIMIT);
    assertThat(told).as("a restart is no death").isEmpty();
  }

  @Test
  void aRestartDuringTheWaitEndsIt() throws Exception {
    Path mended = folder.resolve("mended");
    Keeper kept =
        keep(
            new ShellProgram(
                "it",
                "test -e " + mended + " || exit 1; exec sleep 1000",
                mended,
                Duration.ofSeconds(5)));
    Conditions.await("it waits", () -> told.stream().anyMatch(line -> line.endsWith(", 4000")));
    int deaths = told.size();
    Files.createFile(mended);

    kept.restart(LIMIT, LIMIT);

    assertThat(kept.pid()).isPresent();
    assertThat(told).as("neither a death nor a return from one").hasSize(deaths);
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

  private Program overlapping(String script) throws java.io.IOException {
    return new ShellProgram("it", script, ready(), Duration.ofSeconds(5), true);
  }

  private Path ready() throws java.io.IOException {
    return Files.writeString(folder.resolve("ready"), "");
  }

  private Keeper keep(String script, boolean ready) throws java.io.IOException {
    Path file = ready ? ready() : folder.resolve("never");
    return keep(new ShellProgram("it", script, file, Duration.ofSeconds(5)));
  }

  private Keeper keep(Program program) {
    Keeper kept = new Keeper(program, folder, events);
    keeper = kept;
    kept.start();
    return kept;
  }

  private String log() throws java.io.IOException {
    return Files.readString(folder.resolve("it.log"));
  }
}
