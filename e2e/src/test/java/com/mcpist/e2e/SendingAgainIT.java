package com.mcpist.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.e2e.harness.ClaudeCode;
import com.mcpist.e2e.harness.Clients;
import com.mcpist.e2e.harness.EchoServer;
import com.mcpist.e2e.harness.Pair;
import com.mcpist.e2e.harness.Processes;
import com.mcpist.e2e.harness.Root;
import com.mcpist.e2e.harness.Savers;
import com.mcpist.e2e.harness.Status;
import com.mcpist.testkit.Conditions;
import com.mcpist.testkit.Need;
import com.mcpist.testkit.Needs;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Real clients that send a call again under its key, by {@code mcpist connect} or by the examples:
 * whatever of the pair is killed, they see no error, and each call has one effect.
 */
class SendingAgainIT {
  private static final int SAVES = 200;
  private static final int BETWEEN_KILLS = 20;
  private static final String EDGE = "edge";
  private static final List<String> KILLED = List.of(Pair.PRIMARY, EDGE, Pair.STANDBY, EDGE);
  private static final Duration LIMIT = Duration.ofMinutes(2);
  private static final long MOST_KB = 60_000;
  private static final JsonMapper JSON = JsonMapper.shared();
  private static final Pattern ID = Pattern.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}");

  private static Pair pair;
  private static HttpServer mounted;
  private static DataSource database;

  @TempDir private Path folder;

  @BeforeAll
  static void start() throws Exception {
    pair = Pair.prepare(Map.of());
    Files.writeString(pair.home().resolve("mcpist.yml"), Pair.FILE);
    mounted = EchoServer.serve(0);
    Files.writeString(
        pair.home().resolve("mounts.json"),
        "{\"mcpServers\":{\"echo\":{\"url\":\"http://127.0.0.1:%d/mcp\"}}}"
            .formatted(mounted.getAddress().getPort()));
    pair.start();
    pair.awaitSettled();
    database = pair.database();
  }

  @AfterAll
  static void stop() throws Exception {
    pair.close();
    mounted.stop(0);
  }

  @ParameterizedTest
  @ValueSource(strings = {"modern", "legacy"})
  void connect(String era) throws Exception {
    String launcher = Root.PATH.resolve("mcpist").toAbsolutePath().toString();
    String title = "connect " + era;
    savesOnce(
        title,
        2,
        Clients.script(
            pair.home(), "stdio.mjs", era, title, "" + SAVES, launcher, "connect", pair.url()));
  }

  @Test
  @Tag("long")
  void connectUnderClaudeCode() throws Exception {
    ObjectNode servers = JSON.createObjectNode();
    ObjectNode stdio = servers.putObject("mcpist");
    stdio.put("command", Root.PATH.resolve("mcpist").toAbsolutePath().toString());
    stdio.putArray("args").add("connect").add(pair.url());
    String title = "claude";
    try (var claude = ClaudeCode.asking(saves(title))) {
      savesOnce(title, 1, claude.command(pair.home(), servers), () -> ids(claude));
    }
  }

  private static IntFunction<ClaudeCode.@Nullable Use> saves(String title) {
    return number -> {
      ObjectNode memory = JSON.createObjectNode();
      memory.put("title", title + " " + number).put("text", "t");
      return number < SAVES ? new ClaudeCode.Use("mcp__mcpist__memory_save", memory) : null;
    };
  }

  private static List<String> ids(ClaudeCode claude) {
    return claude.results().stream()
        .map(result -> ID.matcher(result.toString()).results().findFirst())
        .map(id -> id.map(MatchResult::group).orElse("none"))
        .toList();
  }

  @ParameterizedTest
  @ValueSource(strings = {"modern", "legacy"})
  void theExampleForTypeScript(String era) throws Exception {
    String title = "typescript " + era;
    savesOnce(
        title, 1, Clients.script(pair.home(), "again.mjs", era, pair.url(), title, "" + SAVES));
  }

  @ParameterizedTest
  @ValueSource(strings = {"mcp-1.txt", "mcp-2.txt"})
  @Needs(Need.PYTHON)
  @Tag("long")
  void theExampleForPython(String packages) throws Exception {
    savesOnce(packages, 1, Clients.python(pair.home(), packages, pair.url(), packages, "" + SAVES));
  }

  @Test
  @Needs(Need.GO)
  @Tag("long")
  void theExampleForGo() throws Exception {
    savesOnce("go", 1, Clients.go(pair.home(), pair.url(), "go", "" + SAVES));
  }

  @Test
  @Needs(Need.RUST)
  @Tag("long")
  void theExampleForRust() throws Exception {
    savesOnce("rust", 1, Clients.rust(pair.home(), pair.url(), "rust", "" + SAVES));
  }

  @Test
  @Tag("long")
  void theExampleForJava() throws Exception {
    savesOnce("java", 1, Clients.java(pair.home(), pair.url(), "java", "" + SAVES));
  }

  /** The client prints the id of each memory that it was told is saved. */
  private void savesOnce(String title, int rounds, ProcessBuilder builder) throws Exception {
    savesOnce(title, rounds, builder, () -> Files.readAllLines(folder.resolve("out")));
  }

  private void savesOnce(
      String title, int rounds, ProcessBuilder builder, Callable<List<String>> saved)
      throws Exception {
    Path out = folder.resolve("out");
    Path err = folder.resolve("err");
    Process client = builder.redirectOutput(out.toFile()).redirectError(err.toFile()).start();
    try {
      Map<String, Long> last = new HashMap<>();
      for (int kill = 0; kill < rounds * KILLED.size(); kill++) {
        int enough = (kill + 1) * BETWEEN_KILLS;
        Conditions.await(
            enough + " saves", LIMIT, () -> saved.call().size() >= enough || !client.isAlive());
        kill(KILLED.get(kill % KILLED.size()), last);
      }
      assertThat(client.isAlive()).as("before its end: " + Files.readString(err)).isTrue();
      assertThat(client.descendants().filter(SendingAgainIT::isJvm))
          .allSatisfy(jvm -> assertThat(mostKb(jvm)).isLessThan(MOST_KB));
      assertThat(client.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
      assertThat(client.exitValue()).as(Files.readString(err)).isZero();
    } finally {
      client.descendants().forEach(ProcessHandle::destroyForcibly);
      client.destroyForcibly();
    }
    Map<String, List<UUID>> told = new HashMap<>();
    List<String> ids = saved.call();
    for (int number = 0; number < ids.size(); number++) {
      told.put(title + " " + number, List.of(UUID.fromString(ids.get(number))));
    }
    assertThat(told).hasSize(SAVES);
    assertThat(Savers.saved(database, title + " ")).isEqualTo(told);
  }

  /** {@code last}: whom it has killed under each name, which must have been started again. */
  private static void kill(String name, Map<String, Long> last) {
    long before = last.getOrDefault(name, 0L);
    Status status =
        pair.awaitStatus(name + " runs", LIMIT, s -> pid(s, name) > 0 && pid(s, name) != before);
    last.put(name, pid(status, name));
    Processes.kill(pid(status, name));
  }

  private static long pid(Status status, String name) {
    return name.equals(EDGE)
        ? status.edge().pid()
        : Objects.requireNonNullElse(status.origin(name).pid(), 0L);
  }

  private static boolean isJvm(ProcessHandle process) {
    return process.info().command().filter(command -> command.endsWith("/java")).isPresent();
  }

  /** The most memory that it has had so far. */
  private static long mostKb(ProcessHandle process) throws IOException {
    return Files.readAllLines(Path.of("/proc", Long.toString(process.pid()), "status")).stream()
        .filter(line -> line.startsWith("VmHWM:"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")))
        .findFirst()
        .orElseThrow();
  }
}
