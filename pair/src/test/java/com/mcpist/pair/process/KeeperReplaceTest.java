package com.mcpist.pair.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.mcpist.pair.data.PairException;
import com.mcpist.testkit.Conditions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Another process, or another program, in the place of the one that is kept. */
class KeeperReplaceTest extends KeeperCase {
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
    // It is ready by a file, which is there before it has said a word.
    List<String> words = List.of("new", "old", "old");
    Conditions.await("it has begun", () -> log().lines().sorted().toList().equals(words));
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
    Conditions.await("it has come as far as its first line", () -> log().equals("old\nnew\n"));
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
}
