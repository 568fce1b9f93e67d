package com.mcpist.pair.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.mcpist.pair.data.PairException;
import com.mcpist.pair.process.Keeper.Program;
import com.mcpist.pair.process.Keeper.Start;
import com.mcpist.testkit.Conditions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** Another process, or another program, in the place of the one that is kept. */
class KeeperReplaceTest extends KeeperCase {
  private static Start replace(Keeper kept, Program next) throws InterruptedException {
    return kept.replace(next, LIMIT, LIMIT, () -> false);
  }

  @Test
  void theOldOneEndsAndThatIsNoDeath() throws Exception {
    Path ended = folder.resolve("ended");
    Keeper kept = keep("trap 'touch " + ended + "; exit' TERM; echo old; " + IDLE, true);
    kept.awaitReady(LIMIT);
    ProcessHandle first = process(kept);
    Conditions.await("it has begun", () -> log().equals("old\n"));

    Start start = replace(kept, program("test -e " + ended + " && echo after; exec sleep 1000"));

    assertThat(start).isEqualTo(new Start.Ready());
    assertThat(first.isAlive()).isFalse();
    assertThat(process(kept)).isNotEqualTo(first);
    assertThat(told).isEmpty();
    Conditions.await("one after the other", () -> log().equals("old\nafter\n"));
    process(kept).destroyForcibly();
    Conditions.await("the new one is kept", () -> log().equals("old\nafter\nafter\n"));
  }

  @Test
  void oneThatDiesIsStartedAgainUntilAnotherOneIsWanted() throws Exception {
    Keeper kept = keep("exec sleep 1000", true);
    kept.awaitReady(LIMIT);

    Start start = replace(kept, program("echo no room; exit 3", folder.resolve("never")));

    assertThat(start)
        .isInstanceOfSatisfying(
            Start.Failed.class,
            failed -> assertThat(failed.why()).contains("it ended at once (exit code 3): no room"));
    Conditions.await("it dies again", () -> kept.deaths() >= 3);
    assertThat(kept.lastExit()).isEqualTo("exit code 3");
    assertThat(kept.isReady()).isFalse();
    assertThat(replace(kept, program("exec sleep 1000"))).isEqualTo(new Start.Ready());
    assertThat(kept.deaths()).isZero();
  }

  @Test
  void oneThatIsNotReadyIsWaitedForNoLongerThanThat() throws Exception {
    Keeper kept = keep("exec sleep 1000", true);
    kept.awaitReady(LIMIT);
    Program never = program("exec sleep 1000", folder.resolve("never"));

    assertThat(kept.replace(never, Duration.ZERO, Duration.ofMillis(300), () -> false))
        .isInstanceOf(Start.Failed.class);
    AtomicBoolean calledOff = new AtomicBoolean();
    Thread later =
        Thread.ofVirtual()
            .start(
                () -> {
                  Conditions.await("it runs", () -> kept.pid() != null);
                  calledOff.set(true);
                });
    assertThat(kept.replace(never, LIMIT, LIMIT, calledOff::get)).isEqualTo(new Start.CalledOff());
    later.join();
    assertThat(replace(kept, program("exec sleep 1000"))).isEqualTo(new Start.Ready());
    assertThat(told).as("none of them has died").isEmpty();
  }

  @Test
  void aSuccessorTakesOverAndTheOldOneEndsWhenItLikes() throws Exception {
    Path retired = folder.resolve("retired");
    Keeper kept = keep("trap 'touch " + retired + "' USR1; echo it; " + IDLE, true);
    kept.awaitReady(LIMIT);
    ProcessHandle first = process(kept);
    Conditions.await("it has begun", () -> log().equals("it\n"));

    kept.succeed(LIMIT);

    ProcessHandle second = process(kept);
    assertThat(second).isNotEqualTo(first);
    Conditions.await("it is told to retire", () -> Files.exists(retired));
    assertThat(first.isAlive()).isTrue();
    second.destroyForcibly();
    Conditions.await("the second is kept too", () -> told.size() == 2);
    kept.stop();
    assertThat(first.isAlive()).isFalse();
  }

  @Test
  void whereTheSuccessorFailsTheOldOneGoesOn() throws Exception {
    Path file = folder.resolve("first");
    Keeper kept =
        keep("if mkdir " + file + "; then exec sleep 1000; fi; echo no room >&2; exit 3", true);
    kept.awaitReady(LIMIT);
    ProcessHandle first = process(kept);
    Conditions.await("it has begun", () -> Files.exists(file));
    Files.delete(folder.resolve("ready"));

    assertThatExceptionOfType(PairException.class)
        .isThrownBy(() -> kept.succeed(LIMIT))
        .withMessageContaining("the new it ended at once (exit code 3): no room")
        .withMessageContaining("goes on");
    assertThat(process(kept)).isEqualTo(first);
    assertThat(told).isEmpty();
  }

  @Test
  void aSuccessorThatIsNotReadyYetMayFinishWhatItHas() throws Exception {
    Path first = folder.resolve("first");
    Path serves = folder.resolve("serves");
    Path finished = folder.resolve("finished");
    String second = "trap 'touch " + finished + "; exit' TERM; touch " + serves;
    Keeper kept =
        keep("if mkdir " + first + "; then exec sleep 1000; fi; " + second + "; " + IDLE, true);
    kept.awaitReady(LIMIT);
    Conditions.await("it has begun", () -> Files.exists(first));
    Files.delete(folder.resolve("ready"));
    Thread restart = succeedInVain(kept);
    Conditions.await("the new one serves", () -> Files.exists(serves));

    kept.stop();

    assertThat(finished).exists();
    restart.join();
    assertThat(told).hasSize(1).first().asString().startsWith("in vain: the new it");
  }

  @Test
  void whatDiesWhileItsSuccessorStartsIsStartedAgain() throws Exception {
    Keeper kept = keep("echo it; exec sleep 1000", true);
    kept.awaitReady(LIMIT);
    Conditions.await("it has begun", () -> log().equals("it\n"));
    Files.delete(folder.resolve("ready"));
    Thread restart = succeedInVain(kept);
    Conditions.await("both run", () -> log().lines().count() == 2);

    process(kept).destroyForcibly();

    Conditions.await("the old one is back", () -> log().lines().count() == 3);
    kept.stop();
    restart.join();
    assertThat(told).last().asString().startsWith("in vain: the new it");
  }

  @Test
  void whatHangsInItsStartGivesWay() throws Exception {
    Keeper kept = keep("exec sleep 1000", false);
    Conditions.await("it runs", () -> kept.pid() != null);
    ProcessHandle hung = process(kept);

    assertThat(replace(kept, program("exec sleep 1000"))).isEqualTo(new Start.Ready());

    assertThat(hung.isAlive()).isFalse();
    assertThat(told).as("that is no death").isEmpty();
  }

  @Test
  void aChangeDuringTheWaitEndsIt() throws Exception {
    Keeper kept = keep("exit 1", false);
    Conditions.await("it waits", () -> told.stream().anyMatch(line -> line.endsWith(" in 4.0 s")));
    List<String> before = List.copyOf(told);

    assertThat(replace(kept, program("exec sleep 1000"))).isEqualTo(new Start.Ready());

    assertThat(told).as("neither a death nor a return from one").isEqualTo(before);
  }

  @Test
  void whatIsStoppedStartsNothingMore() throws Exception {
    Keeper kept = keep("exec sleep 1000", true);
    kept.awaitReady(LIMIT);
    kept.stop();
    assertThat(replace(kept, program("exec sleep 1000")))
        .isEqualTo(new Start.Failed("it is being stopped"));
    assertThat(kept.pid()).isNull();
  }
}
