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
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.Writer;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Real clients that send a call again under its key, by {@code mcpist connect} or by the examples:
 * whatever of the pair is killed, they see no error, and each call has one effect.
 */
class SendingAgainIT {
  private static final int BETWEEN_KILLS = 10;

  /** Between two saves of a client, for the others and for the pair. */
  private static final Duration PAUSE = Duration.ofMillis(20);

  private static final List<String> ERAS = List.of("modern", "legacy");
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
  private final List<Client> clients = new ArrayList<>();
  private volatile boolean over;

  /** {@code ids}: of the memories that it was told are saved, in order. */
  private record Client(String title, Process process, Supplier<List<String>> ids) {}

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

  @AfterEach
  void end() {
    for (Client client : clients) {
      client.process().descendants().forEach(ProcessHandle::destroyForcibly);
      client.process().destroyForcibly();
    }
  }

  @Test
  void connect() throws Exception {
    String launcher = Root.PATH.resolve("mcpist").toAbsolutePath().toString();
    for (String era : ERAS) {
      String[] command = {era, launcher, "connect", pair.url()};
      start("connect " + era, Clients.script(pair.home(), "stdio.mjs", command));
    }
    savesOnce(2);
  }

  @Test
  @Tag("long")
  void connectUnderClaudeCode() throws Exception {
    ObjectNode servers = JSON.createObjectNode();
    ObjectNode stdio = servers.putObject("mcpist");
    stdio.put("command", Root.PATH.resolve("mcpist").toAbsolutePath().toString());
    stdio.putArray("args").add("connect").add(pair.url());
    String title = "claude";
    try (var claude = ClaudeCode.asking(number -> over ? null : save(title + " " + number))) {
      ProcessBuilder command = claude.command(pair.home(), servers);
      Process process =
          command.redirectOutput(Redirect.DISCARD).redirectError(errors(title)).start();
      clients.add(new Client(title, process, () -> ids(claude)));
      savesOnce(1);
    }
  }

  private static ClaudeCode.Use save(String title) {
    ObjectNode memory = JSON.createObjectNode().put("title", title).put("text", "t");
    return new ClaudeCode.Use("mcp__mcpist__memory_save", memory);
  }

  private static List<String> ids(ClaudeCode claude) {
    return claude.results().stream()
        .map(result -> ID.matcher(result.toString()).results().findFirst())
        .map(id -> id.map(MatchResult::group).orElse("none"))
        .toList();
  }

  @Test
  @Tag("long")
  void theExampleForTypeScript() throws Exception {
    for (String era : ERAS) {
      start("typescript " + era, Clients.script(pair.home(), "again.mjs", era, pair.url()));
    }
    savesOnce(1);
  }

  @Test
  @Needs(Need.PYTHON)
  @Tag("long")
  void theExampleForPython() throws Exception {
    for (String packages : List.of("mcp-1.txt", "mcp-2.txt")) {
      start(packages, Clients.python(pair.home(), packages, pair.url()));
    }
    savesOnce(1);
  }

  @Test
  @Needs(Need.GO)
  @Tag("long")
  void theExampleForGo() throws Exception {
    for (String library : List.of("go-sdk", "mcp-go")) {
      start(library, Clients.go(pair.home(), pair.url(), library));
    }
    savesOnce(1);
  }

  /** It has a session for each call, and lists the tools in each. */
  @Test
  @Needs(Need.PYTHON)
  @Tag("long")
  void theExampleForPythonUnderLangChain() throws Exception {
    start("langchain", Clients.langchain(pair.home(), pair.url()));
    savesOnce(1);
  }

  @Test
  @Needs(Need.MONO)
  @Tag("long")
  void theExampleForCSharp() throws Exception {
    start("csharp", Clients.csharp(pair.home(), pair.url()));
    savesOnce(1);
  }

  @Test
  @Needs(Need.RUST)
  @Tag("long")
  void theExampleForRust() throws Exception {
    start("rust", Clients.rust(pair.home(), pair.url()));
    savesOnce(1);
  }

  @Test
  @Tag("long")
  void theExampleForJava() throws Exception {
    start("java", Clients.java(pair.home(), pair.url()));
    savesOnce(1);
  }

  /** Starts a client that saves a memory under each title that it reads, and prints its id. */
  private void start(String title, ProcessBuilder builder) throws IOException {
    Process process = builder.redirectError(errors(title)).start();
    List<String> ids = new CopyOnWriteArrayList<>();
    clients.add(new Client(title, process, () -> ids));
    Thread.ofVirtual().start(() -> converse(process, title, ids));
  }

  private File errors(String title) {
    return folder.resolve(title).toFile();
  }

  private void converse(Process client, String title, List<String> ids) {
    try (Writer titles = client.outputWriter();
        BufferedReader printed = client.inputReader()) {
      while (!over) {
        titles.write(title + " " + ids.size() + "\n");
        titles.flush();
        String id = printed.readLine();
        if (id == null) {
          return;
        }
        ids.add(id);
        Thread.sleep(PAUSE);
      }
    } catch (IOException ended) {
      // The test sees it too.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Kills the parts of the pair one after another, each when every client has saved more. */
  private void savesOnce(int rounds) throws Exception {
    Map<String, Long> last = new HashMap<>();
    for (int kill = 0; kill < rounds * KILLED.size(); kill++) {
      for (Client client : clients) {
        int enough = client.ids().get().size() + BETWEEN_KILLS;
        Conditions.await(
            enough + " saves of " + client.title(),
            LIMIT,
            () -> client.ids().get().size() >= enough || !client.process().isAlive());
      }
      kill(KILLED.get(kill % KILLED.size()), last);
    }
    for (Client client : clients) {
      assertThat(client.process().isAlive()).as(errors(client)).isTrue();
      assertThat(client.process().descendants().filter(SendingAgainIT::isJvm))
          .allSatisfy(jvm -> assertThat(mostKb(jvm)).isLessThan(MOST_KB));
    }
    over = true;
    for (Client client : clients) {
      assertThat(client.process().waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
      assertThat(client.process().exitValue()).as(errors(client)).isZero();
      Map<String, List<UUID>> told = new HashMap<>();
      for (String id : client.ids().get()) {
        told.put(client.title() + " " + told.size(), List.of(UUID.fromString(id)));
      }
      assertThat(Savers.saved(database, client.title() + " ")).isEqualTo(told);
    }
  }

  private String errors(Client client) throws IOException {
    return client.title() + ": " + Files.readString(errors(client.title()).toPath());
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
