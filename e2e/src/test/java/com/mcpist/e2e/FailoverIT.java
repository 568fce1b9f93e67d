package com.mcpist.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.e2e.harness.Load;
import com.mcpist.e2e.harness.McpConnection;
import com.mcpist.e2e.harness.Pair;
import com.mcpist.e2e.harness.Processes;
import com.mcpist.e2e.harness.Status;
import com.mcpist.testkit.Conditions;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The pair's one promise: a client notices nothing when the origin that serves it dies. */
@Tag("alone")
class FailoverIT {

  private static final int CLIENTS = 16;
  private static final int KILLS = 8;
  private static final Duration BETWEEN_KILLS = Duration.ofSeconds(2);
  private static final Duration LIMIT = Duration.ofMinutes(2);
  private static final Duration SLICE = Duration.ofMillis(250);

  private static Pair pair;

  @BeforeAll
  static void start() throws Exception {
    pair = Pair.prepare(Map.of()); // As it ships, with every limit that it has.
    pair.start();
    pair.awaitSettled();
    try (McpConnection client = McpConnection.open(pair.port())) {
      for (int i = 0; i < 20; i++) {
        client
            .call(
                "memory_save",
                Map.of(
                    "title",
                    "Note " + i,
                    "text",
                    "About the failover",
                    "tags",
                    new String[] {"e2e"}))
            .structured();
      }
    }
  }

  @AfterAll
  static void stop() throws Exception {
    pair.close();
  }

  @Test
  void noSearchFailsWhileTheServingOriginIsKilledEveryTwoSeconds() throws Exception {
    Load load = Load.start(pair.port(), CLIENTS, FailoverIT::search);
    for (int kills = 0; kills < KILLS; kills++) {
      // Calls that wait for a start must have had an origin before the next kill, however long a
      // busy machine takes for that: else it would be a test of how long they may wait.
      Duration next = load.elapsed().plus(BETWEEN_KILLS);
      int calls = load.calls() + 2 * CLIENTS;
      Conditions.await(
          "the next kill",
          LIMIT,
          () -> load.elapsed().compareTo(next) >= 0 && load.calls() >= calls);
      Status.Origin serving =
          pair.awaitStatus(
                  "an origin serves",
                  Conditions.LIMIT,
                  s -> s.active().filter(o -> o.pid() != null).isPresent())
              .active()
              .orElseThrow();
      Processes.kill(serving.runningPid());
    }
    Load.Report underFire = load.report();
    pair.awaitSettled();
    Load.Report all = load.stop();

    assertThat(all.failures()).as(all.summary()).isEmpty();
    assertThat(all.byOrigin()).containsOnlyKeys(Pair.PRIMARY, Pair.STANDBY);
    // Each kill moves the calls once. Coming back to the primary is the only other reason to move
    // them.
    assertThat(underFire.switches(SLICE)).as(all.summary()).isLessThanOrEqualTo(2 * KILLS);
  }

  @ParameterizedTest
  @ValueSource(strings = {"KILL", "TERM"})
  void thePrimaryGetsItsTrafficBackOnceAndKeepsIt(String signal) throws Exception {
    pair.awaitSettled();
    Load load = Load.start(pair.port(), 4, FailoverIT::search);
    load.awaitElapsed(SLICE.multipliedBy(4));
    Conditions.await("the primary serves", () -> load.servedBy().equals(Pair.PRIMARY));
    Status before = pair.status();
    long pid = before.origin(Pair.PRIMARY).runningPid();
    Processes.signal(pid, signal);
    Conditions.await(
        "the standby serves", () -> load.report().byOrigin().containsKey(Pair.STANDBY));

    // One that was told to end is healthy for a while yet, and another call may be its last.
    pair.awaitStatus(
        "another process is the primary",
        LIMIT,
        s -> s.origin(Pair.PRIMARY).pid() != null && s.origin(Pair.PRIMARY).runningPid() != pid);
    Status after = pair.awaitSettled();
    Duration settled = load.elapsed();
    Conditions.await(
        "three seconds more", () -> load.elapsed().compareTo(settled.plusSeconds(3)) > 0);
    Load.Report report = load.stop();

    assertThat(report.failures()).as(report.summary()).isEmpty();
    assertThat(report.switches(SLICE)).as(report.summary()).isEqualTo(2);
    assertThat(report.after(settled.plus(SLICE)).byOrigin()).containsOnlyKeys(Pair.PRIMARY);
    assertThat(after.origin(Pair.PRIMARY).pid()).as("started again").isNotNull().isNotEqualTo(pid);
    assertThat(after.origin(Pair.STANDBY).pid()).isEqualTo(before.origin(Pair.STANDBY).pid());
    assertThat(pair.run("status").out())
        .containsPattern(
            "(?s)Last failover, of koyeb-primary, .* ago: flyio-standby served .* 0\\s+failed\\.");
    assertThat(pair.run("history", "--events", "--limit", "100").out())
        .containsPattern("failover +koyeb-primary +[0-9.]+ s +flyio-standby served")
        .containsPattern("death +koyeb-primary +[0-9.]+ s +koyeb-primary died");
  }

  @Test
  void aDrainedOriginGetsNoCallAndTheLastOneCannotBeDrained() throws Exception {
    pair.awaitSettled();
    Load load = Load.start(pair.port(), 4, FailoverIT::search);
    assertThat(pair.run("drain", Pair.PRIMARY).code()).isZero();
    pair.awaitStatus(
        "the primary is drained",
        Conditions.LIMIT,
        s -> s.origin(Pair.PRIMARY).state().equals("drained") && s.origin(Pair.STANDBY).active());
    Duration drained = load.elapsed();

    var refused = pair.run("drain", Pair.STANDBY);
    assertThat(refused.code()).isEqualTo(1);
    assertThat(refused.err()).contains(Pair.STANDBY);
    Conditions.await("a second more", () -> load.elapsed().compareTo(drained.plusSeconds(1)) > 0);
    Load.Report whileDrained = load.report().after(drained.plus(SLICE));

    assertThat(pair.run("undrain", Pair.PRIMARY).code()).isZero();
    pair.awaitSettled();
    Load.Report all = load.stop();
    assertThat(whileDrained.byOrigin()).containsOnlyKeys(Pair.STANDBY);
    assertThat(all.failures()).as(all.summary()).isEmpty();
    assertThat(pair.run("drain", "nowhere").code()).isIn(1, 2);
  }

  private static String search(McpConnection connection, int client, int number) throws Exception {
    McpConnection.Reply reply =
        connection.patience(LIMIT).call("memory_search", Map.of("query", "failover"));
    assertThat(reply.structured().path("memories").isEmpty()).as("nothing found").isFalse();
    return reply.servedBy();
  }
}
