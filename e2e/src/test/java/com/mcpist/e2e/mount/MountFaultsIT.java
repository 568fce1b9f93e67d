package com.mcpist.e2e.mount;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.e2e.harness.Load;
import com.mcpist.e2e.harness.McpConnection;
import com.mcpist.e2e.harness.Pair;
import com.mcpist.e2e.harness.Processes;
import com.mcpist.e2e.harness.Status;
import com.mcpist.testkit.Conditions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Clients of mounted tools that act outside, while the origin that serves is killed and hangs. */
@Tag("long")
class MountFaultsIT {
  private static final int CLIENTS = 16;
  private static final int FAULTS = 4;
  private static final int BETWEEN_FAULTS = 4 * CLIENTS;
  private static final Duration HANGING = Duration.ofSeconds(5);
  private static final Duration LIMIT = Duration.ofMinutes(2);

  private final Queue<String> done = new ConcurrentLinkedQueue<>();
  private final Queue<String> unknown = new ConcurrentLinkedQueue<>();
  private Pair pair;
  private Path file;

  @BeforeEach
  void start() throws IOException {
    pair = Pair.prepare(Map.of());
    file = pair.home().resolve("acts");
    Files.createFile(file);
    ObjectNode mounts = JsonMapper.shared().createObjectNode();
    ObjectNode acting = mounts.putObject("mcpServers").putObject("acting");
    acting.put("command", ProcessHandle.current().info().command().orElseThrow());
    List.of(
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            "-Xmx64m",
            "-cp",
            System.getProperty("java.class.path"),
            ActingServer.class.getName())
        .forEach(acting.putArray("args")::add);
    acting.putObject("env").put("FILE", file.toString());
    acting.putObject("tools").putObject("put").putObject("key").put("argument", "key");
    Files.writeString(pair.home().resolve("mounts.json"), mounts.toString());
    pair.start();
    pair.awaitSettled();
  }

  @AfterEach
  void stop() throws IOException {
    pair.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"acting_act", "acting_put"})
  void noActHappensTwiceAndEachClientHearsTheTruth(String tool) throws Exception {
    try (Load load = Load.start(pair.port(), CLIENTS, (c, i, n) -> call(tool, c, i + " " + n))) {
      for (int fault = 0; fault < FAULTS; fault++) {
        int enough = load.report().calls() + BETWEEN_FAULTS;
        Conditions.await("more calls", LIMIT, () -> load.report().calls() >= enough);
        long pid = serving();
        if (fault % 3 < 2) {
          Processes.kill(pid);
        } else {
          Processes.signal(pid, "STOP");
          LockSupport.parkNanos(HANGING.toNanos());
          Processes.signal(pid, "CONT");
        }
      }
      Load.Report report = load.stop();
      assertThat(report.failures()).as(report.summary() + pair.logs()).isEmpty();
    }
    List<String> acts = Files.readAllLines(file).stream().map(MountFaultsIT::withoutKey).toList();
    assertThat(acts).doesNotHaveDuplicates().containsAll(done);
    assertThat(acts).as("what nobody was told of").isSubsetOf(union(done, unknown));
    if (tool.equals("acting_put")) {
      assertThat(unknown).as("it has a key").isEmpty();
    }
  }

  private String call(String tool, McpConnection connection, String text) throws IOException {
    McpConnection.Reply reply = connection.patience(LIMIT).call(tool, Map.of("text", text));
    String said = reply.result().at("/content/0/text").asString("");
    if (reply.result().path("isError").asBoolean(false)) {
      assertThat(said).contains("outcome of this call is unknown");
      unknown.add(text);
    } else {
      assertThat(said).as(reply.body().toString()).isEqualTo("done");
      done.add(text);
    }
    return reply.servedBy();
  }

  private long serving() {
    return pair.awaitStatus(
            "an origin serves",
            Conditions.LIMIT,
            s -> s.active().filter(o -> o.pid() != null).isPresent())
        .active()
        .map(Status.Origin::runningPid)
        .orElseThrow();
  }

  private static String withoutKey(String line) {
    return line.substring(0, line.lastIndexOf(' '));
  }

  private static List<String> union(Queue<String> some, Queue<String> others) {
    return Stream.concat(some.stream(), others.stream()).toList();
  }
}
