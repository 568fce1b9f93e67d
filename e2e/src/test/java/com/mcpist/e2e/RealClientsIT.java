package com.mcpist.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.e2e.harness.ClaudeCode;
import com.mcpist.e2e.harness.Clients;
import com.mcpist.e2e.harness.Command;
import com.mcpist.e2e.harness.EchoServer;
import com.mcpist.e2e.harness.Pair;
import com.mcpist.e2e.harness.Root;
import java.nio.file.Files;
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

  @Test
  void claudeCodeConnectsWithTheLineThatUpPrints() throws Exception {
    String line =
        printed
            .lines()
            .map(String::strip)
            .filter(l -> l.startsWith("claude mcp add "))
            .findFirst()
            .orElseThrow();
    assertThat(line).endsWith(pair.url());
    assertThat(Root.text("README.md"))
        .contains(line.replace(Integer.toString(pair.port()), "8080"));

    List<String> words = List.of(line.split(" +", -1));
    claudeCodeConnects(words.subList(1, words.size()), "mcpist");
  }

  @Test
  void claudeCodeConnectsThroughStdio() throws Exception {
    String launcher = Root.PATH.resolve("mcpist").toAbsolutePath().toString();
    claudeCodeConnects(
        List.of("mcp", "add", "stdio", "--", launcher, "connect", pair.url()), "stdio");
  }

  private static void claudeCodeConnects(List<String> added, String name) throws Exception {
    var add = Command.run(Clients.command(pair.home(), "claude", added));
    assertThat(add.code()).as(add.all()).isZero();
    var list = Command.run(Clients.command(pair.home(), "claude", List.of("mcp", "list")));
    assertThat(list.out().lines().filter(line -> line.startsWith(name + ": ")))
        .singleElement()
        .asString()
        .contains(pair.url())
        .containsIgnoringCase("connected")
        .doesNotContain("Failed");
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
  void theInspectorListsAndCallsTheTools() throws Exception {
    JsonNode tools = inspect("--method", "tools/list");
    assertThat(tools.findValuesAsString("name"))
        .contains("memory_save", "memory_search", "echo_echo");

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
