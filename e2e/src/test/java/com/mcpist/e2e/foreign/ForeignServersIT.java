package com.mcpist.e2e.foreign;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.e2e.harness.Clients;
import com.mcpist.e2e.harness.Command;
import com.mcpist.e2e.harness.Load;
import com.mcpist.e2e.harness.McpConnection;
import com.mcpist.e2e.harness.Program;
import com.mcpist.e2e.harness.Root;
import com.mcpist.testkit.Conditions;
import com.mcpist.testkit.Ports;
import com.mcpist.testkit.RawHttp;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Two copies of a server that is not MCPist's own, behind {@code ./mcpist edge}. */
@Tag("long")
class ForeignServersIT {
  private static final int KILLS = 5;
  private static final Duration LIMIT = Duration.ofMinutes(1);
  private static final JsonMapper JSON = JsonMapper.shared();

  @TempDir private Path folder;
  private final int port = Ports.free();
  private final List<Integer> ports = List.of(Ports.free(), Ports.free());

  /** What became of the lines that clients wanted to have written. */
  private final Set<String> written = ConcurrentHashMap.newKeySet();

  private final Set<String> unknown = ConcurrentHashMap.newKeySet();
  private final Set<String> nothingDone = ConcurrentHashMap.newKeySet();
  private Path file;

  @BeforeEach
  void createFile() throws IOException {
    file = Files.createFile(folder.resolve("lines"));
  }

  @Test
  void aCallThatWritesIsNeverRunTwiceAndItsClientIsToldTheTruth() throws Exception {
    writeThroughKills("write");
    List<String> lines = Files.readAllLines(file);
    assertThat(lines).doesNotHaveDuplicates().containsAll(written);
    assertThat(lines).noneMatch(nothingDone::contains);
    assertThat(unknown).as("killed between effect and answer").isNotEmpty();
  }

  @Test
  void aCallThatMayRunTwiceIsAnswered() throws Exception {
    writeThroughKills("set");
    assertThat(Files.readAllLines(file)).containsAll(written);
    assertThat(unknown).isEmpty();
  }

  private void writeThroughKills(String tool) throws Exception {
    List<Program> servers = new ArrayList<>();
    for (int each : ports) {
      servers.add(startWriting(each));
    }
    AtomicBoolean over = new AtomicBoolean();
    try (AutoCloseable _ = startEdge("/api/mcp");
        ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> all = new ArrayList<>();
      for (int i = 0; i < 16; i++) {
        String name = tool + i;
        all.add(clients.submit(() -> write(tool, name, over)));
      }
      for (int kill = 0; kill < KILLS; kill++) {
        int before = written.size();
        Conditions.await("they write", () -> written.size() > before + 100);
        servers.get(kill % 2).close();
        servers.set(kill % 2, startWriting(ports.get(kill % 2)));
      }
      over.set(true);
      for (Future<?> each : all) {
        each.get(1, TimeUnit.MINUTES);
      }
    } finally {
      over.set(true);
      for (Program each : servers) {
        each.close();
      }
    }
  }

  private Program startWriting(int at) throws IOException {
    Program server =
        Program.ofTests(WritingServer.class, Map.of("PORT", "" + at, "FILE", file.toString()));
    server.await("it listens", () -> listens(at));
    return server;
  }

  private Void write(String tool, String name, AtomicBoolean over) throws IOException {
    try (McpConnection client = McpConnection.open(port)) {
      for (int i = 0; !over.get(); i++) {
        String line = name + "-" + i;
        McpConnection.Reply reply = client.call(tool, Map.of("line", line));
        String code = reply.body().at("/error/data/code").asString("");
        if (reply.body().has("result")) {
          written.add(line);
        } else if (code.equals("outcome_unknown")) {
          assertThat(reply.body().at("/error/message").asString())
              .isEqualTo(
                  "The outcome is unknown: it may have been done. Look first whether it was.");
          unknown.add(line);
        } else {
          assertThat(reply.body().at("/error/data/effect").asString()).isEqualTo("none");
          nothingDone.add(line);
        }
        LockSupport.parkNanos(Load.PAUSE.toNanos());
      }
    }
    return null;
  }

  @Test
  void aClientOfASessionGoesOnThoughItsServerIsKilledAgainAndAgain() throws Exception {
    List<Process> servers = new ArrayList<>();
    for (int each : ports) {
      servers.add(startEverything(each));
    }
    Path done = folder.resolve("done");
    try (AutoCloseable _ = startEdge("/mcp");
        ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
      String url = "http://127.0.0.1:" + port + "/mcp";
      List<Path> answered = new ArrayList<>();
      List<Future<Command.Result>> all = new ArrayList<>();
      for (int client = 0; client < 8; client++) {
        Path file = Files.createFile(folder.resolve("answered-" + client));
        answered.add(file);
        ProcessBuilder script = Clients.script(folder, "session.mjs", url, "" + done, "" + file);
        all.add(clients.submit(() -> Command.run(script, Duration.ofMinutes(10))));
      }
      for (int kill = 0; kill < KILLS; kill++) {
        long before = fewest(answered);
        Conditions.await("all call", LIMIT, () -> fewest(answered) > before + 50);
        Process killed = servers.get(kill % 2).destroyForcibly();
        killed.waitFor();
        servers.set(kill % 2, startEverything(ports.get(kill % 2)));
      }
      Files.createFile(done);
      for (Future<Command.Result> each : all) {
        Command.Result result = each.get(1, TimeUnit.MINUTES);
        assertThat(result.code()).as(result.all()).isZero();
        JsonNode told = JSON.readTree(result.out());
        assertThat(told.path("failed")).as(result.all()).isEmpty();
        assertThat(told.path("initialized").asInt()).isEqualTo(1);
        assertThat(told.path("unknown").asInt()).as("they only read").isZero();
      }
    } finally {
      servers.forEach(Process::destroyForcibly);
    }
  }

  private static long fewest(List<Path> answered) throws IOException {
    long fewest = Long.MAX_VALUE;
    for (Path file : answered) {
      fewest = Math.min(fewest, Files.size(file));
    }
    return fewest;
  }

  private Process startEverything(int at) throws IOException {
    ProcessBuilder builder =
        Clients.command(folder, "mcp-server-everything", List.of("streamableHttp"));
    builder.environment().put("PORT", "" + at);
    Process process =
        builder
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("everything-" + at + ".log").toFile())
            .start();
    Conditions.await("it listens", LIMIT, () -> listens(at));
    return process;
  }

  private AutoCloseable startEdge(String path) throws IOException {
    ProcessBuilder builder =
        Root.process(folder, Root.PATH.resolve("mcpist").toAbsolutePath().toString(), "edge");
    for (int each : ports) {
      builder.command().addAll(List.of("--origin", "http://127.0.0.1:" + each + path));
    }
    builder.environment().put("EDGE_CONFIG", "{\"port\":" + port + "}");
    Path log = folder.resolve("edge.log");
    Process edge = builder.redirectErrorStream(true).redirectOutput(log.toFile()).start();
    Conditions.await(
        "the edge is ready",
        LIMIT,
        () ->
            listens(port)
                && RawHttp.exchange(port, "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")
                        .status()
                    == 200);
    return () -> {
      edge.destroy();
      assertThat(edge.waitFor(1, TimeUnit.MINUTES)).isTrue();
      assertThat(Files.readString(log)).doesNotContain("Exception");
    };
  }

  private static boolean listens(int at) throws IOException {
    try (RawHttp connection = RawHttp.connect(at)) {
      return connection != null;
    } catch (java.io.UncheckedIOException refused) {
      return false;
    }
  }
}
