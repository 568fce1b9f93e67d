package com.mcpist.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.e2e.harness.ClaudeCode;
import com.mcpist.e2e.harness.Clients;
import com.mcpist.e2e.harness.Codex;
import com.mcpist.e2e.harness.Command;
import com.mcpist.e2e.harness.EchoServer;
import com.mcpist.e2e.harness.Pair;
import com.mcpist.e2e.harness.Root;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** The clients that people use, as their makers publish them, against a pair. */
class RealClientsIT {

  private static final JsonMapper JSON = JsonMapper.shared();
  private static final String README_URL = "http://127.0.0.1:8080/mcp";

  private static Pair pair;
  private static String printed;

  @BeforeAll
  static void start() throws Exception {
    pair = Pair.prepare(java.util.Map.of());
    Files.writeString(pair.home().resolve("mounts.json"), EchoServer.mounts());
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
    assertThat(code).contains(README_URL);
    return code.replace(README_URL, pair.url())
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

  /** Claude Desktop has windows and is in no registry; its maker's other client takes its entry. */
  @Test
  void theFileOfClaudeDesktopConnectsClaudeCode() throws Exception {
    JsonNode entry = server("Claude Desktop", "mcpServers");
    shell("claude mcp add-json --scope user desktop '" + entry + "'");
    claudeCodeIsConnected("desktop", "connect " + pair.url());
  }

  @Test
  void theFileOfClaudeDesktopStartsAServerForAnSdk() throws Exception {
    JsonNode entry = server("Claude Desktop", "mcpServers");
    List<String> arguments = new ArrayList<>(List.of("modern", entry.path("command").asString()));
    arguments.addAll(entry.path("args").valueStream().map(JsonNode::asString).toList());
    ProcessBuilder client =
        Clients.script(pair.home(), "stdio.mjs", arguments.toArray(String[]::new));
    Path title = Files.writeString(pair.home().resolve("title"), "From Claude Desktop's file\n");
    var result = Command.run(client.redirectInput(title.toFile()));
    assertThat(result.code()).as(result.all()).isZero();
    assertThat(result.out().lines()).singleElement().asString().isNotBlank();
  }

  /** Cursor has windows, and is in no registry: this is the form of its documentation. */
  @Test
  void theFileOfCursorConnectsAnSdk() throws Exception {
    JsonNode entry = server("Cursor", "mcpServers");
    assertThat(entry.propertyNames()).containsExactly("url");
    saveAndFind("modern.mjs", "2026-07-28", entry.path("url").asString(), "From Cursor's file");
  }

  /** As is VS Code. */
  @Test
  void theFileOfVsCodeConnectsAnSdk() throws Exception {
    JsonNode entry = server("VS Code", "servers");
    assertThat(entry.path("type").asString()).isEqualTo("http");
    assertThat(entry.propertyNames()).containsExactlyInAnyOrder("type", "url");
    saveAndFind("legacy.mjs", "2025-11-25", entry.path("url").asString(), "From VS Code's file");
  }

  private static JsonNode server(String client, String servers) {
    return JSON.readTree(text(client)).path(servers).path("mcpist");
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

  private static ObjectNode memory(String title) {
    return JSON.createObjectNode().put("title", title).put("text", "t");
  }

  @Test
  void theModernSdkSavesAndFinds() throws Exception {
    saveAndFind("modern.mjs", "2026-07-28", pair.url(), "A memory of the modern one");
  }

  @Test
  void theLegacySdkSavesAndFinds() throws Exception {
    saveAndFind("legacy.mjs", "2025-11-25", pair.url(), "A memory of the legacy one");
  }

  private static void saveAndFind(String script, String revision, String url, String title)
      throws Exception {
    var result = Command.run(Clients.script(pair.home(), script, url, title));
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
