package com.mcpist.e2e;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.e2e.harness.ClaudeCode;
import com.mcpist.e2e.harness.Clients;
import com.mcpist.e2e.harness.Codex;
import com.mcpist.e2e.harness.Command;
import com.mcpist.e2e.harness.EchoServer;
import com.mcpist.e2e.harness.Pair;
import com.mcpist.e2e.harness.Processes;
import com.mcpist.e2e.harness.Recording;
import com.mcpist.e2e.harness.Root;
import com.mcpist.testkit.Conditions;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.xml.sax.InputSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** The clients that people use, as their makers publish them, against a pair. */
class RealClientsIT {

  private static final JsonMapper JSON = JsonMapper.shared();

  private static Pair pair;
  private static String printed;

  @BeforeAll
  static void start() throws Exception {
    pair = Pair.prepare(java.util.Map.of());
    ObjectNode mounts = (ObjectNode) JSON.readTree(EchoServer.mounts());
    List<String> everything =
        Clients.command(pair.home(), "mcp-server-everything", List.of()).command();
    ObjectNode entry = mounts.withObject("/mcpServers/everything");
    entry.put("command", everything.getFirst());
    everything.stream().skip(1).forEach(entry.putArray("args")::add);
    Files.writeString(pair.home().resolve("mounts.json"), mounts.toString());
    printed = pair.start().out();
  }

  @AfterAll
  static void stop() throws Exception {
    pair.close();
  }

  /** What the README has for a client, for this pair. */
  private static String text(String client) {
    List<String> row =
        Markdown.of(Root.text("README.md")).sections().stream()
            .flatMap(section -> section.rows().stream())
            .filter(cells -> cells.getFirst().equals(client))
            .findFirst()
            .orElseThrow();
    String code = row.getLast().replaceFirst("^`([^`]+)`.*", "$1");
    assertThat(code).contains("http://127.0.0.1:8080/mcp");
    return code.replace("http://127.0.0.1:8080/mcp", pair.url())
        .replace("/path/to/mcpist", Root.PATH.resolve("mcpist").toAbsolutePath().toString());
  }

  private static Command.Result shell(String line) throws Exception {
    var result = Command.run(Clients.shell(pair.home(), line));
    assertThat(result.code()).as(result.all()).isZero();
    return result;
  }

  @Test
  void claudeCodeConnectsWithTheLineOfTheReadmeAndOfUp() throws Exception {
    String line = text("Claude Code");
    assertThat(printed.lines().map(String::strip)).contains(line);

    shell(line);
    claudeCodeIsConnected("mcpist", pair.url());
  }

  // Where it is added for the user, it is there in any folder.
  private static void claudeCodeIsConnected(String name, String address) throws Exception {
    var list =
        Command.run(
            Clients.command(pair.home(), "claude", List.of("mcp", "list"))
                .directory(pair.home().toFile()));
    assertThat(list.out().lines().filter(line -> line.startsWith(name + ": ")))
        .as(list.all())
        .singleElement()
        .asString()
        .contains(address)
        .containsIgnoringCase("connected")
        .doesNotContain("Failed");
  }

  /** Claude Desktop's file, which starts a program, in the hands of its maker's other client. */
  @Test
  void theFileOfClaudeDesktopConnects() throws Exception {
    JsonNode desktop = JSON.readTree(text("Claude Desktop")).path("mcpServers").path("mcpist");
    shell("claude mcp add-json --scope user desktop '" + desktop + "'");
    claudeCodeIsConnected("desktop", "connect " + pair.url());
  }

  /** Both are programs with windows, which no registry has; this is the form that they document. */
  @Test
  void theFilesOfCursorAndVsCodeHaveTheAddress() {
    JsonNode cursor = JSON.readTree(text("Cursor"));
    assertThat(cursor.at("/mcpServers/mcpist"))
        .isEqualTo(JSON.createObjectNode().put("url", pair.url()));
    JsonNode code = JSON.readTree(text("VS Code"));
    assertThat(code.at("/servers/mcpist"))
        .isEqualTo(JSON.createObjectNode().put("type", "http").put("url", pair.url()));
  }

  @Test
  void codexCallsATool() throws Exception {
    shell(text("Codex"));
    try (var codex = Codex.asking("mcpist", "memory_save", memory("From Codex"))) {
      var result = Command.run(codex.command(pair.home()));
      assertThat(result.code()).as(result.all()).isZero();
      assertThat(codex.result()).as(result.all()).contains("From Codex");
    }
  }

  @Test
  void theInspectorListsTheToolsWithTheLineOfTheReadme() throws Exception {
    JsonNode tools = JSON.readTree(shell(text("the Inspector")).out()).findPath("tools");
    assertThat(tools.valueStream().map(tool -> tool.path("name").asString("")))
        .contains("memory_save", "memory_search", "echo_echo");
  }

  @Test
  void claudeCodeListsAndCallsTheTools() throws Exception {
    ObjectNode servers = JSON.createObjectNode();
    servers.putObject("mcpist").put("type", "http").put("url", pair.url());
    var save = new ClaudeCode.Use("mcp__mcpist__memory_save", memory("From Claude Code"));
    ObjectNode text = JSON.createObjectNode().put("text", "From Claude Code");
    var echo = new ClaudeCode.Use("mcp__mcpist__echo_echo", text);
    List<ClaudeCode.Use> uses = List.of(save, echo);
    try (var claude = ClaudeCode.asking(n -> n < uses.size() ? uses.get(n) : null)) {
      var result = Command.run(claude.command(pair.home(), servers));
      assertThat(result.code()).as(result.all()).isZero();
      assertThat(claude.tools()).contains(save.tool(), echo.tool(), "mcp__mcpist__memory_search");
      assertThat(claude.results()).hasSize(uses.size());
      assertThat(claude.results().getFirst().path("is_error").asBoolean(false)).isFalse();
      assertThat(claude.results().getLast().toString()).contains("From Claude Code");
    }
  }

  private static final String SLOW_CALL =
      """
      npx @modelcontextprotocol/inspector --cli http://127.0.0.1:8080/mcp \\
          --transport http --method tools/call \\
          --tool-name everything_trigger-long-running-operation \\
          --tool-args-json '{"duration": 6, "steps": 3}'\
      """;

  private static final Path PICTURE = Root.PATH.resolve("docs/pictures/kill.svg");

  /**
   * The picture of the README. With {@code -Dmcpist.pictures=write} this run is written there;
   * times, process ids and states are another run's each time, what was typed and answered is not.
   */
  @Test
  void aCallIsAnsweredAlthoughItsServerIsKilled() throws Exception {
    Recording recording = new Recording("a client", "another terminal, where the pair runs");
    pair.awaitSettled();
    var typed = recording.upper();
    typed.type(SLOW_CALL);
    Path out = Files.createTempFile(pair.home(), "answer", ".json");
    Process client =
        Clients.shell(pair.home(), SLOW_CALL.replace("http://127.0.0.1:8080/mcp", pair.url()))
            .redirectErrorStream(true)
            .redirectOutput(out.toFile())
            .start();
    try {
      Path journal = pair.data().resolve("run");
      Conditions.await("the call is under way", () -> inFlight(journal));
      var admin = recording.lower();
      admin.type("./mcpist status");
      admin.show(status());
      long pid = pair.status().origin(Pair.PRIMARY).runningPid();
      admin.type("kill -9 " + pid);
      Processes.signal(pid, "KILL");
      assertThat(client.isAlive()).as("it has no answer yet").isTrue();
      admin.type("./mcpist status");
      admin.show(status());
      assertThat(client.waitFor(1, TimeUnit.MINUTES)).isTrue();
    } finally {
      client.destroyForcibly();
    }
    String answer = Files.readString(out);
    typed.show(answer);
    assertThat(answer).contains("Long running operation completed. Duration: 6 seconds, Steps: 3.");
    String svg = recording.svg();
    if ("write".equals(System.getProperty("mcpist.pictures"))) {
      Files.writeString(PICTURE, svg);
    }
    assertThat(Files.size(PICTURE)).isLessThan(300_000);
    assertThat(texts(Files.readString(PICTURE)))
        .containsAll(typed.lines().stream().filter(line -> !line.isBlank()).toList())
        .contains("$ ./mcpist status")
        .anyMatch(line -> line.matches("\\$ kill -9 [0-9]+"));
    pair.awaitSettled();
  }

  private static boolean inFlight(Path journal) throws IOException {
    try (Stream<Path> files = Files.list(journal)) {
      for (Path file : files.filter(f -> f.toString().endsWith(".journal")).toList()) {
        if (Files.readString(file, ISO_8859_1).contains("trigger-long-running-operation")) {
          return true;
        }
      }
      return false;
    }
  }

  // As a person sees it, on the port that a pair has by itself.
  private static String status() throws IOException {
    ProcessBuilder command = pair.command("status");
    command.environment().put("LC_ALL", "C.UTF-8");
    return Command.run(command).out().replace(":" + pair.port(), ":8080");
  }

  private static List<String> texts(String svg) throws Exception {
    var lines =
        DocumentBuilderFactory.newInstance()
            .newDocumentBuilder()
            .parse(new InputSource(new StringReader(svg)))
            .getElementsByTagName("text");
    return IntStream.range(0, lines.getLength())
        .mapToObj(n -> lines.item(n).getTextContent())
        .toList();
  }

  private static ObjectNode memory(String title) {
    return JSON.createObjectNode().put("title", title).put("text", "t");
  }

  @Test
  void theModernSdkSavesAndFinds() throws Exception {
    saveAndFind("modern.mjs", "2026-07-28");
  }

  @Test
  void theLegacySdkSavesAndFinds() throws Exception {
    saveAndFind("legacy.mjs", "2025-11-25");
  }

  private static void saveAndFind(String script, String revision) throws Exception {
    String title = "A memory of " + script.replace(".mjs", "");
    var result = Command.run(Clients.script(pair.home(), script, pair.url(), title));
    assertThat(result.code()).as(result.all()).isZero();
    JsonNode told = JSON.readTree(result.out());
    assertThat(told.path("negotiated").asString()).isEqualTo(revision);
    assertThat(told.path("failed").asBoolean()).isFalse();
    assertThat(told.path("tools").toString())
        .contains(
            "memory_save",
            "memory_search",
            "memory_get",
            "memory_list",
            "memory_update",
            "memory_delete",
            "echo_echo");
    assertThat(told.path("echoed").asString()).isEqualTo(title);
    assertThat(told.path("found").findValuesAsString("title")).contains(title);
  }

  @Test
  void theInspectorCallsTheTools() throws Exception {
    JsonNode saved = call("memory_save", memory("From the inspector").toString());
    assertThat(saved.findPath("structuredContent").findPath("id").asString()).isNotEmpty();
    JsonNode echoed = call("echo_echo", "{\"text\":\"From the inspector\"}");
    assertThat(echoed.findPath("text").asString()).isEqualTo("From the inspector");
  }

  private static JsonNode call(String tool, String arguments) throws Exception {
    return inspect("--method", "tools/call", "--tool-name", tool, "--tool-args-json", arguments);
  }

  private static JsonNode inspect(String... arguments) throws Exception {
    List<String> all =
        new java.util.ArrayList<>(
            List.of("--cli", pair.url(), "--transport", "http", "--protocol-era", "auto"));
    all.addAll(List.of(arguments));
    var result = Command.run(Clients.command(pair.home(), "inspector", all));
    assertThat(result.code()).as(result.all()).isZero();
    return JSON.readTree(result.out());
  }

  @Test
  void theJsonForOtherClientsNamesTheUrl() {
    JsonNode json =
        JSON.readTree(printed.substring(printed.indexOf('{'), printed.lastIndexOf('}') + 1));
    assertThat(json.path("mcpServers").path("mcpist").path("url").asString()).isEqualTo(pair.url());
  }
}
