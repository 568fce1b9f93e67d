package com.mcpist.e2e.mount;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.e2e.harness.Command;
import com.mcpist.e2e.harness.EchoServer;
import com.mcpist.e2e.harness.Load;
import com.mcpist.e2e.harness.McpConnection;
import com.mcpist.e2e.harness.Pair;
import com.mcpist.testkit.Conditions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** `mcpist mount` on a pair that is called meanwhile: no call fails. */
class MountsIT {
  private static final int CLIENTS = 4;
  private static final Duration LIMIT = Duration.ofMinutes(5);

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

  /** Options come before --, after which all is the server's. */
  private static Command.Result mount(String verb, List<String> words) throws IOException {
    List<String> line = new ArrayList<>(List.of(verb, "--data", pair.data().toString()));
    line.addAll(words);
    ProcessBuilder builder = pair.command("mount");
    // The harness puts --data at the end.
    List<String> command = new ArrayList<>(builder.command().subList(0, 2));
    command.addAll(line);
    return Command.run(builder.command(command), LIMIT);
  }

  private static List<String> program(String name) {
    List<String> words = new ArrayList<>(List.of(name, "--"));
    words.addAll(List.of(EchoServer.command()));
    return words;
  }

  private static List<String> tools() throws IOException {
    try (McpConnection client = McpConnection.open(pair.port())) {
      return client
          .request("tools/list", Map.of())
          .result()
          .path("tools")
          .valueStream()
          .map(tool -> tool.path("name").asString())
          .toList();
    }
  }

  private static String echoed(McpConnection client, String tool, String text) throws IOException {
    JsonNode result = client.call(tool, Map.of("text", text)).result();
    return result.at("/content/0/text").asString("");
  }

  @Test
  void isAddedCalledAndRemovedWhileClientsCall() throws Exception {
    try (Load load =
        Load.start(
            pair.port(),
            CLIENTS,
            (client, _, _) -> {
              McpConnection.Reply reply = client.call("memory_list", Map.of());
              assertThat(reply.structured().has("memories")).isTrue();
              return reply.servedBy();
            })) {
      Command.Result add = mount("add", program("echo"));
      assertThat(add.code()).as(add.all() + pair.logs()).isZero();
      assertThat(add.out()).contains("The origins run with it.", "calls: 0 failed");

      assertThat(tools()).contains("echo_echo", "memory_save");
      try (McpConnection client = McpConnection.open(pair.port())) {
        for (int i = 0; i < 20; i++) {
          assertThat(echoed(client, "echo_echo", "hello " + i)).isEqualTo("hello " + i);
        }
      }
      Command.Result list = mount("list", List.of());
      assertThat(list.out()).contains("echo_echo", Pair.PRIMARY, Pair.STANDBY, "reads");

      Command.Result remove = mount("remove", List.of("echo"));
      assertThat(remove.code()).as(remove.all() + pair.logs()).isZero();
      assertThat(tools()).doesNotContain("echo_echo");

      Load.Report report = load.stop();
      assertThat(report.failures()).as(report.summary() + pair.logs()).isEmpty();
      assertThat(report.byOrigin()).containsKeys(Pair.PRIMARY, Pair.STANDBY);
    }
  }

  @Test
  @Tag("long")
  void aFileOfClaudeDesktopIsImportedAndOutlivesTheOriginThatServes() throws Exception {
    Path theirs = pair.home().resolve("claude_desktop_config.json");
    ObjectNode file = JsonMapper.shared().createObjectNode();
    ObjectNode server = file.putObject("mcpServers").putObject("My Echo");
    server.put("command", EchoServer.command()[0]);
    List.of(EchoServer.command()).stream().skip(1).forEach(server.withArray("args")::add);
    Files.writeString(theirs, file.toString());

    Command.Result imported = mount("import", List.of(theirs.toString()));

    assertThat(imported.code()).as(imported.all() + pair.logs()).isZero();
    assertThat(imported.out()).contains("My Echo is called my-echo here.");
    pair.awaitSettled();
    pair.run("drain", Pair.PRIMARY);
    try (McpConnection client = McpConnection.open(pair.port())) {
      assertThat(echoed(client, "my-echo_echo", "there")).isEqualTo("there");
    }
    pair.run("undrain", Pair.PRIMARY);
    assertThat(mount("remove", List.of("my-echo")).code()).isZero();
  }

  @Test
  @Tag("long")
  void whatTheOriginsCannotHaveComesBackAsItWas() throws Exception {
    Command.Result refused = mount("add", List.of("none", "--", "no-such-program"));
    assertThat(refused.code()).isEqualTo(1);
    assertThat(refused.all()).contains("It is not added");
    assertThat(tools()).contains("memory_save");

    // The pair refuses it, for lack of another origin that serves meanwhile.
    pair.run("drain", Pair.STANDBY);
    Command.Result alone =
        mount("add", List.of("none", "--force", "--env", "A_TOKEN=of-nobody", "--", "true"));
    assertThat(alone.code()).as(alone.all()).isNotZero();
    assertThat(alone.out()).contains("is as it was before");
    assertThat(pair.home().resolve("mounts.json")).doesNotExist();
    assertThat(Files.readString(pair.data().resolve("variables.json"))).doesNotContain("A_TOKEN");
    pair.run("undrain", Pair.STANDBY);
    pair.awaitSettled();

    // An origin whose server does not start serves all else.
    Command.Result forced = mount("add", List.of("none", "--force", "--", "no-such-program"));
    assertThat(forced.code()).as(forced.all() + pair.logs()).isZero();
    assertThat(forced.out()).contains(Pair.PRIMARY + ": mount none: ");
    assertThat(tools()).contains("memory_save");
    Conditions.await(
        "the status tells", LIMIT, () -> pair.run("status").out().contains("mount none:"));
    assertThat(mount("remove", List.of("none")).code()).isZero();
  }
}
