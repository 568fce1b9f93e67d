package com.mcpist.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.e2e.harness.Command;
import com.mcpist.e2e.harness.Load;
import com.mcpist.e2e.harness.McpConnection;
import com.mcpist.e2e.harness.Pair;
import com.mcpist.e2e.harness.Processes;
import com.mcpist.e2e.harness.Saves;
import com.mcpist.e2e.harness.Status;
import com.mcpist.testkit.Conditions;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** What a client notices when a program of the pair is restarted: nothing. */
@Tag("long")
class RestartIT {

  private static final int CLIENTS = 16;
  private static final int RESTARTS = 5;
  private static final Duration LIMIT = Duration.ofMinutes(2);

  private static Pair pair;

  @BeforeAll
  static void start() throws Exception {
    pair = Pair.up();
    pair.awaitSettled();
  }

  @AfterAll
  static void stop() throws Exception {
    pair.close();
  }

  @Test
  void noCallFailsOrIsLostOrRunsTwiceWhileTheEdgeIsRestarted() throws Exception {
    Saves saves = new Saves("edge-restarted");
    Load load = load(saves);
    for (int i = 0; i < RESTARTS; i++) {
      long before = pair.status().edge().pid();
      Command.Result restart = pair.run("restart", "edge");
      assertThat(restart.code()).as(restart.all() + pair.logs()).isZero();
      assertThat(restart.out()).contains("Starting a new edge");
      assertThat(pair.status().edge().pid()).isNotEqualTo(before);
      awaitCallsOfEveryClient(load);
    }
    Load.Report report = load.stop();

    assertThat(report.failures()).as(report.summary() + pair.logs()).isEmpty();
    saves.assertThatAllAreSavedOnce(pair.port());
  }

  @Test
  void connectionsWaitWhileAKilledEdgeIsStartedAgain() throws Exception {
    killTheEdgeUnderNewConnections();
  }

  private static void killTheEdgeUnderNewConnections() throws Exception {
    long killed = pair.status().edge().pid();
    Processes.kill(killed);
    try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<JsonNode>> replies = new ArrayList<>();
      for (int i = 0; i < CLIENTS; i++) {
        replies.add(
            clients.submit(
                () -> {
                  try (McpConnection fresh = McpConnection.open(pair.port()).patience(LIMIT)) {
                    return fresh.call("memory_list", Map.of()).structured();
                  }
                }));
      }
      for (Future<JsonNode> reply : replies) {
        assertThat(reply.get(LIMIT.toSeconds(), TimeUnit.SECONDS).has("memories")).isTrue();
      }
    }
    assertThat(pair.status().edge().pid()).isNotEqualTo(killed);
  }

  @Test
  void aDrainedOriginStaysDrainedWithANewEdge() throws Exception {
    pair.awaitSettled();
    assertThat(pair.run("drain", Pair.PRIMARY).code()).isZero();
    assertThat(pair.run("restart", "edge").code()).isZero();
    assertThatTheStandbyServesAlone();

    long edge = pair.status().edge().pid();
    Processes.kill(edge);
    pair.awaitStatus(
        "another edge knows its origins",
        LIMIT,
        s -> s.edge().pid() != edge && s.active().isPresent());
    assertThatTheStandbyServesAlone();
    assertThat(pair.run("undrain", Pair.PRIMARY).code()).isZero();
    pair.awaitSettled();
  }

  private static void assertThatTheStandbyServesAlone() throws IOException {
    assertThat(pair.status().origin(Pair.PRIMARY).state()).isEqualTo("drained");
    for (int i = 0; i < CLIENTS; i++) {
      try (McpConnection fresh = McpConnection.open(pair.port())) {
        assertThat(fresh.call("memory_list", Map.of()).servedBy()).isEqualTo(Pair.STANDBY);
      }
    }
  }

  @Test
  void noCallFailsWhileTheOriginThatServesIsRestarted() throws Exception {
    Status before = pair.awaitSettled();
    Saves saves = new Saves("origin-restarted");
    Load load = load(saves);
    awaitCallsOfEveryClient(load);

    Command.Result restart = pair.run("restart", Pair.PRIMARY);

    assertThat(restart.code()).as(restart.all() + pair.logs()).isZero();
    assertThat(restart.out()).contains("Draining " + Pair.PRIMARY, "Restarting " + Pair.PRIMARY);
    Status after = pair.awaitSettled();
    awaitCallsOfEveryClient(load);
    Load.Report report = load.stop();
    assertThat(after.origin(Pair.PRIMARY).pid()).isNotEqualTo(before.origin(Pair.PRIMARY).pid());
    assertThat(after.origin(Pair.STANDBY).pid()).isEqualTo(before.origin(Pair.STANDBY).pid());
    assertThat(after.edge().pid()).isEqualTo(before.edge().pid());
    assertThat(report.failures()).as(report.summary() + pair.logs()).isEmpty();
    assertThat(report.byOrigin()).containsOnlyKeys(Pair.PRIMARY, Pair.STANDBY);
    saves.assertThatAllAreSavedOnce(pair.port());
  }

  @Test
  void whatIsNotThereIsNamed() throws Exception {
    Command.Result unknown = pair.run("restart", "koyeb-primry");
    assertThat(unknown.code()).isEqualTo(2);
    assertThat(unknown.err()).hasLineCount(1).contains("edge", "Did you mean " + Pair.PRIMARY);
  }

  @Test
  void noCallFailsWhileTheSupervisorIsKilledAndAnotherOneTakesOver() throws Exception {
    Status before = pair.awaitSettled();
    Saves saves = new Saves("supervisor-killed");
    Load load = load(saves);
    awaitCallsOfEveryClient(load);
    Processes.kill(pair.supervisor());
    awaitCallsOfEveryClient(load);

    pair.start();

    assertThat(pids(pair.status())).isEqualTo(pids(before));
    Processes.kill(before.origin(Pair.PRIMARY).runningPid());
    Status replaced = pair.awaitSettled();
    awaitCallsOfEveryClient(load);
    Load.Report report = load.stop();
    assertThat(report.failures()).as(report.summary() + pair.logs()).isEmpty();
    assertThat(replaced.origin(Pair.STANDBY).pid()).isEqualTo(before.origin(Pair.STANDBY).pid());
    saves.assertThatAllAreSavedOnce(pair.port());
    assertThat(pair.run("history", "--events").out()).contains("supervisor died");
    killTheEdgeUnderNewConnections();
  }

  private static List<Long> pids(Status status) {
    return List.of(
        status.edge().pid(),
        status.origin(Pair.PRIMARY).runningPid(),
        status.origin(Pair.STANDBY).runningPid());
  }

  private static Load load(Saves saves) {
    return Load.start(pair.port(), CLIENTS, (kept, client, n) -> save(saves, kept, client, n));
  }

  /** Half of the clients keep their connection, half make one for each call. */
  private static String save(Saves saves, McpConnection kept, int client, int number)
      throws IOException {
    String title = client + " " + number;
    if (client % 2 == 0) {
      return saves.save(kept.patience(LIMIT), title);
    }
    try (McpConnection fresh = McpConnection.open(pair.port()).patience(LIMIT)) {
      return saves.save(fresh, title);
    }
  }

  private static void awaitCallsOfEveryClient(Load load) {
    int before = load.calls();
    Conditions.await("some more calls", LIMIT, () -> load.calls() >= before + 4 * CLIENTS);
  }
}
