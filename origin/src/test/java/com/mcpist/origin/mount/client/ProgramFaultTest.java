package com.mcpist.origin.mount.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.mcpist.origin.fixture.Logged;
import com.mcpist.origin.mcp.Budget;
import com.mcpist.origin.mcp.Budget.Charge;
import com.mcpist.origin.mount.client.Calls.Recorder;
import com.mcpist.origin.mount.client.MountException.Kind;
import com.mcpist.testkit.Conditions;
import com.mcpist.testkit.LeakCheck;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.node.ObjectNode;

/** Programs that do harm, and what becomes of it. */
final class ProgramFaultTest {
  private static final StdioProcess.Owner NOBODY =
      new StdioProcess.Owner() {
        @Override
        public boolean message(Intake.Message message, StdioProcess from) {
          return false;
        }

        @Override
        public boolean unreadable(Intake.TooComplexException answer) {
          return false;
        }

        @Override
        public boolean isAtWork() {
          return false;
        }

        @Override
        public void ended(String problem) {}
      };

  private LeakCheck leaks = LeakCheck.begin();

  @BeforeEach
  void begin() {
    leaks = LeakCheck.begin();
  }

  @AfterEach
  void nothingIsLeft() {
    leaks.close();
  }

  @Test
  void callsInADeadProcessAreUnknownAndTheNextOneIsServed() throws Exception {
    try (Calls calls = Calls.program()) {
      calls.server.hello(Calls.LIMIT);
      CompletableFuture<String> other = calls.begin("silent", new Recorder());
      Conditions.await("it has been sent", () -> calls.text("heard").contains("silent"));

      MountException failure = calls.failure("die");

      assertThat(failure.kind()).isEqualTo(Kind.UNKNOWN);
      assertThat(failure).hasMessage("it ended (exit code 3): a bug in line 7");
      assertThatThrownBy(other::join).hasRootCauseMessage(failure.getMessage());
      assertThat(calls.server.status())
          .isEqualTo(new Status(Status.State.FAILED, failure.getMessage(), 0, 0, 0));
      assertThat(calls.text("noise")).isEqualTo("done");
      assertThat(calls.server.status().restarts()).isEqualTo(1);
    }
  }

  @Test
  void aProgramThatEndsAtOnceIsStartedLessAndLessOften() throws Exception {
    ObjectNode entry = Calls.JSON.createObjectNode();
    entry.putObject("env").put("TOKEN", "${SECRET}");
    try (Calls calls = Calls.program(entry, "crash")) {
      assertThat(calls.failure("echo").kind()).isEqualTo(Kind.NOT_SENT);
      assertThat(calls.failure("echo"))
          .hasMessage("it ended (exit code 7): no such token: [redacted]");

      // A pause that has almost passed is waited for, and the next one is longer.
      Conditions.await(
          "it is not started yet",
          () ->
              String.valueOf(calls.failure("echo").getMessage())
                  .matches(".*\\[redacted]\\. It is started again in [0-9]+ s"));

      assertThat(calls.server.status().state()).isEqualTo(Status.State.FAILED);
      assertThat(calls.server.status().restarts()).isPositive();
    }
  }

  @Test
  void aProgramWhoseGuardCannotStartIsEnded() {
    AtomicLong started = new AtomicLong();
    assertThatThrownBy(
            () ->
                StdioProcess.start(
                    command("notes", "exec sleep 1000"),
                    Calls.intake(),
                    NOBODY,
                    pid -> {
                      started.set(pid);
                      throw new IOException("no more processes");
                    }))
        .isInstanceOf(MountException.class)
        .hasMessage("it cannot be started: no more processes");

    assertThat(started.get()).isPositive();
    Conditions.await("it ends", () -> !isAlive(started.get()));
  }

  @Test
  void aProgramThatIsEndedLeavesThePlaceForALargeMessage() throws Exception {
    Budget budget = Budget.ofHeap(0);
    Intake intake = new Intake(budget);
    try (Charge all = budget.reading()) {
      all.become(Runtime.getRuntime().maxMemory());
      StdioProcess process =
          StdioProcess.start(
              command("waiting", "head -c 3000000 /dev/zero; sleep 1000"), intake, NOBODY);
      Conditions.await(
          "its reader waits for memory",
          () ->
              Thread.getAllStackTraces().entrySet().stream()
                  .filter(each -> each.getKey().getName().equals("mount-waiting"))
                  .anyMatch(
                      each ->
                          Arrays.stream(each.getValue())
                              .anyMatch(frame -> frame.getMethodName().equals("become"))));

      process.fail("it is ended");

      Thread next = Thread.startVirtualThread(() -> enter(intake));
      Conditions.await("the next one has the place", () -> !next.isAlive());
    }
  }

  private static void enter(Intake intake) {
    try {
      intake.enter();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static StdioProcess.Command command(String name, String script) {
    return new StdioProcess.Command(
        name,
        List.of("/bin/sh", "-c", script),
        Map.of("PATH", "/usr/bin:/bin"),
        Optional.empty(),
        1 << 30,
        Redaction.of(List.of()));
  }

  @Test
  void aPauseGrowsToAMinuteAndASoundRunEndsTheGrowth() {
    Backoff backoff = Backoff.FRESH;
    assertThat(backoff.pause(Duration.ofMinutes(1))).isZero();
    for (int seconds : new int[] {1, 2, 4, 8, 16, 32, 60, 60}) {
      backoff = backoff.after(Duration.ofSeconds(5));
      assertThat(backoff.pause(Duration.ofMinutes(1))).hasSeconds(seconds);
    }
    assertThat(backoff.after(Duration.ofMinutes(1)).pause(Duration.ofMinutes(1))).hasSeconds(1);
  }

  @Test
  void aProgramThatDoesNotExistIsNamed() throws Exception {
    ObjectNode entry = Calls.JSON.createObjectNode().put("command", "no-such-program");
    try (Calls calls = Calls.of(entry, System.getenv())) {
      MountException failure = calls.failure("echo");
      assertThat(failure.kind()).isEqualTo(Kind.NOT_SENT);
      assertThat(failure).hasMessageContaining("no-such-program");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "babble, it writes what is no message to its standard output",
    "flood, it floods its output",
    "batch, it floods its output",
    "endless, it sent a message of more than 4096 KiB",
    "stall, 'it sends a large message too slowly, or does not end it'",
    "hog, it held"
  })
  void whatHarmsOthersIsEnded(String tool, String problem) throws Exception {
    try (Calls calls = Calls.program(Calls.JSON.createObjectNode().put("memory_mib", 200))) {
      MountException failure = calls.failure(tool);

      assertThat(failure.kind()).isEqualTo(Kind.UNKNOWN);
      assertThat(failure).hasMessageStartingWith(problem);
      assertThat(calls.text("noise")).isEqualTo("done");
    }
  }

  @Test
  void aProgramThatDoesNotReadIsEnded() throws Exception {
    try (Calls calls = Calls.program()) {
      assertThat(calls.text("deaf")).isEqualTo("not any more");
      ObjectNode large =
          Calls.JSON.createObjectNode().put("name", "noise").put("more", "x".repeat(1 << 20));

      // Nothing of it was run, so that it is sent to the next process.
      ObjectNode result = calls.server.request("tools/call", large, new Recorder(), Calls.LIMIT);

      assertThat(Calls.text(result)).isEqualTo("done");
      assertThat(calls.server.status().restarts()).isEqualTo(1);
    }
  }

  /** A program may read nothing while it works on a call. Others must not end that call. */
  @ParameterizedTest
  @CsvSource({"0, 1000000", "60000, 10000"})
  void aProgramThatReadsNothingWhileItWorksIsNotEnded(int before, int bytes, @TempDir Path folder)
      throws Exception {
    ObjectNode entry = Calls.JSON.createObjectNode();
    entry.putObject("env").put("FOLDER", folder.toString());
    try (Calls calls = Calls.program(entry)) {
      calls.server.hello(Calls.LIMIT);
      CompletableFuture<String> busy = calls.begin("busy", new Recorder());
      Conditions.await("it is at work", () -> Files.exists(folder.resolve("begun")));
      // The pipe takes the first request whole, and of the second one only a part.
      MountException late = calls.failure("silent", before, Duration.ofSeconds(1));
      MountException unread = calls.failure("echo", bytes, Duration.ofSeconds(8));
      Files.createFile(folder.resolve("free"));

      assertThat(late.kind()).isEqualTo(Kind.UNKNOWN);
      assertThat(unread.kind()).isEqualTo(Kind.NOT_SENT);
      assertThat(busy.get()).isEqualTo("worked");
      assertThat(calls.text("heard").lines().filter(line -> line.contains("\"echo\"")))
          .as("what is no JSON")
          .noneMatch(ProgramServer::isWhole)
          .hasSize(1);
      assertThat(calls.server.status().restarts()).isZero();
    }
  }

  @Test
  void aProgramThatHangsIsEnded() throws Exception {
    try (Calls calls = Calls.program(Calls.JSON.createObjectNode().put("timeout_seconds", 3))) {
      calls.server.hello(Calls.LIMIT);
      calls.text("deaf");
      assertThat(calls.failure("echo").kind()).isEqualTo(Kind.UNKNOWN);

      Conditions.await(
          "it is ended",
          () -> calls.server.status().problem().equals("it does not answer any more"));
    }
  }

  @Test
  void noSecretIsInTheLog() throws Exception {
    ObjectNode entry = Calls.JSON.createObjectNode();
    entry.putObject("env").put("TOKEN", "${SECRET}");
    try (Calls calls = Calls.program(entry);
        Logged log = Logged.by(ErrorOutput.class)) {
      calls.text("print");

      log.await("notes: connecting with [redacted]");
      assertThat(log.count("s3cr3t")).isZero();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "stubborn"})
  void theWholeTreeEndsAsItIsClosed(String mode) throws Exception {
    try (Calls calls = Calls.program(mode)) {
      assertThat(family(calls)).hasSizeGreaterThanOrEqualTo(3);
    }
  }

  @Test
  void theWholeTreeEndsAsTheProgramDies() throws Exception {
    try (Calls calls = Calls.program()) {
      List<Long> family = family(calls);
      calls.failure("die");
      for (long pid : family) {
        Conditions.await(pid + " ends", () -> !isAlive(pid));
      }
    }
  }

  @Test
  void theWholeTreeEndsAsTheOriginIsKilled() throws Exception {
    Process origin =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin/java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Holder.class.getName())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    BufferedReader lines = origin.inputReader(StandardCharsets.UTF_8);
    String family = lines.readLine();
    while (family != null && !family.startsWith("family ")) {
      family = lines.readLine();
    }
    assertThat(family).isNotNull();

    origin.toHandle().destroyForcibly();

    for (String pid : family.substring(7).split(" ", -1)) {
      Conditions.await(pid + " ends", () -> !isAlive(Long.parseLong(pid)));
    }
    lines.close();
  }

  /** The processes of a program that has started others, as this system numbers them. */
  private static List<Long> family(Calls calls) throws Exception {
    calls.text("fork");
    long root = calls.server.status().pid();
    return ProcessTable.now().tree(root).stream().map(ProcessTable.Row::pid).toList();
  }

  /** Not as a process that has ended and that nobody has taken notice of. */
  private static boolean isAlive(long pid) {
    return ProcessTable.now().rows().containsKey(pid);
  }

  /** An origin with a program that does not end with its input. */
  static final class Holder {
    private Holder() {}

    public static void main(String[] arguments) throws Exception {
      Calls calls = Calls.program("stubborn");
      calls.server.hello(Calls.LIMIT);
      System.out.println(
          "family " + family(calls).stream().map(String::valueOf).collect(Collectors.joining(" ")));
      Thread.sleep(1_000_000);
    }
  }
}
