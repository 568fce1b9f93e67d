package com.mcpist.drill;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.drill.Analysis.CallRecord;
import com.mcpist.drill.tool.CountingMounts;
import com.mcpist.drill.tool.CountingMounts.Transport;
import com.mcpist.drill.tool.CountingServer.Settings;
import com.mcpist.drill.tool.Told.Word;
import com.mcpist.drill.tool.Tool;
import com.mcpist.pair.database.DatabaseUrl;
import com.mcpist.testkit.Behaviour;
import com.mcpist.testkit.Behaviour.Answer;
import com.mcpist.testkit.Behaviour.Ending;
import com.mcpist.testkit.Conditions;
import com.mcpist.testkit.FaultServer;
import com.mcpist.testkit.HttpMessage;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class ToolClientTest {
  private static final String DONE =
      "{\"jsonrpc\":\"2.0\",\"id\":\"1\",\"result\":{\"content\":[]}}";

  private static final Callee MEMORY =
      new Callee.Memory(new SavedRows(new DatabaseUrl("postgres://localhost/drill")));

  private FaultServer server;
  private ToolClient client;

  @BeforeEach
  void start() {
    server = FaultServer.start();
    client = new ToolClient(URI.create(server.url() + "/mcp"), ToolClient.PATIENCE, false);
  }

  @AfterEach
  void stop() throws IOException {
    client.close();
    server.close();
  }

  @Test
  void aMemoryIsSavedInTheNewestRevisionAndMarked() throws Exception {
    server.next(
        new Answer(
            200,
            Map.of("Content-Type", "application/json", "X-Served-By", "one"),
            DONE.getBytes(StandardCharsets.UTF_8)));

    CallRecord call = client.call(MEMORY, "a title", true);
    assertThat(call.ok()).isTrue();
    assertThat(call.told().text()).isEqualTo("a title");
    assertThat(call.paced()).isTrue();
    assertThat(call.servedBy()).isEqualTo("one");
    assertThat(call.endNanos()).isGreaterThan(call.startNanos());

    HttpMessage request = server.requests().getFirst();
    assertThat(request.header("MCP-Protocol-Version")).contains("2026-07-28");
    assertThat(request.header("Mcp-Method")).contains("tools/call");
    assertThat(request.header("Mcp-Name")).contains("memory_save");
    assertThat(request.header("Idempotency-Key")).isEmpty();
    JsonNode arguments = JsonMapper.shared().readTree(request.text()).at("/params/arguments");
    assertThat(arguments.path("title").asString()).isEqualTo("a title");
    assertThat(arguments.path("tags").toString()).isEqualTo("[\"mcpist-drill\"]");
  }

  @Test
  void theLastEventOfAStreamIsTheAnswer() throws Exception {
    server.next(Behaviour.sse(Ending.COMPLETE, "{\"method\":\"notifications/message\"}", DONE));
    assertThat(client.call(MEMORY, "t", false).ok()).isTrue();
  }

  @Test
  void anErrorIsAFailureAndItsPromiseIsKept() throws Exception {
    String error = "{\"error\":{\"code\":1,\"message\":\"no\",\"data\":{\"effect\":\"%s\"}}}";
    server.next(
        Behaviour.answer(503, error.formatted("none")),
        Behaviour.answer(200, error.formatted("possible")),
        Behaviour.answer(
            200, "{\"result\":{\"isError\":true,\"content\":[{\"text\":\"it is unknown\"}]}}"),
        Behaviour.answer(200, "{}"),
        Behaviour.answer(502, "<html>"));

    CallRecord promised = client.call(MEMORY, "t", false);
    assertThat(promised.failure()).isEqualTo("no");
    assertThat(promised.told().word()).isEqualTo(Word.NOT_RUN);
    assertThat(client.call(MEMORY, "t", false).told().word()).isEqualTo(Word.NOTHING);
    assertThat(client.call(MEMORY, "t", false).failure()).isEqualTo("it is unknown");
    assertThat(client.call(MEMORY, "t", false).failure()).isEqualTo("an answer without a result");
    assertThat(client.call(MEMORY, "t", false).failure()).contains("no JSON-RPC message");
  }

  @Test
  void aMountedToolsErrorsTellOfItsEffect(@TempDir Path folder) throws Exception {
    String result = "{\"result\":{\"isError\":%s,\"content\":[{\"text\":\"%s\"}]}}";
    server.next(
        Behaviour.answer(200, result.formatted("true", "The outcome of this call is unknown: …")),
        Behaviour.answer(200, result.formatted("true", "It cannot be used. Nothing was run. …")),
        Behaviour.answer(200, "{\"error\":{\"code\":1,\"data\":{\"code\":\"outcome_unknown\"}}}"),
        Behaviour.answer(200, result.formatted("false", "c 1\\nxx")),
        Behaviour.answer(200, result.formatted("false", "c 1\\nx")),
        Behaviour.answer(200, result.formatted("false", "c 2\\nxx")));
    Settings settings = new Settings(Duration.ZERO, Duration.ZERO, 2);
    try (CountingMounts mounts = CountingMounts.start(folder, settings)) {
      Callee once = new Callee.Mounted(Tool.ONCE, Transport.STDIO, mounts);
      Files.writeString(mounts.effects(Transport.STDIO).path(), "1234567");
      List<CallRecord> calls = new ArrayList<>();
      for (int i = 0; i < 6; i++) {
        calls.add(client.call(once, "c 1", false));
      }
      assertThat(calls)
          .extracting(call -> call.told().word())
          .containsExactly(
              Word.UNKNOWN, Word.NOT_RUN, Word.UNKNOWN, Word.DONE, Word.NOTHING, Word.NOTHING);
      assertThat(calls.getFirst().told().effectsBefore()).isEqualTo(7);
      assertThat(calls.get(4).failure()).contains("a part of one");
      assertThat(calls.get(5).failure()).contains("another call");
    }
    HttpMessage request = server.requests().getFirst();
    assertThat(request.header("Mcp-Name")).contains("stdio_once");
    JsonNode params = JsonMapper.shared().readTree(request.text()).path("params");
    assertThat(params.path("name").asString()).isEqualTo("stdio_once");
    assertThat(params.path("arguments").toString()).isEqualTo("{\"text\":\"c 1\"}");
  }

  @Test
  void itIsToldWhetherAToolIsListed() throws Exception {
    String list = "{\"result\":{\"tools\":[{\"name\":\"%s\"}]}}";
    server.next(
        Behaviour.answer(200, list.formatted("memory_find")),
        Behaviour.answer(503, "<html>"),
        Behaviour.resetBefore(),
        Behaviour.answer(200, list.formatted("memory_save")));
    assertThat(client.lists(List.of(MEMORY))).isFalse();
    assertThat(client.lists(List.of(MEMORY))).isFalse();
    assertThat(client.lists(List.of(MEMORY))).isFalse();
    assertThat(client.lists(List.of(MEMORY))).isTrue();
    assertThat(server.requests().getFirst().header("Mcp-Method")).contains("tools/list");
  }

  @Test
  void aConnectionThatBreaksIsAFailureAndNothingIsSentAgain() throws Exception {
    server.always(Behaviour.resetBefore());

    CallRecord call = client.call(MEMORY, "t", false);
    assertThat(call.failure()).contains("no answer");
    assertThat(call.told().word()).isEqualTo(Word.NOTHING);
    assertThat(call.servedBy()).isNull();
    assertThat(server.requests()).hasSize(1);
  }

  @Test
  void oneThatSendsAgainDoesSoUnderANewId() throws Exception {
    server.next(Behaviour.resetBefore(), Behaviour.answer(200, DONE));
    try (ToolClient again =
        new ToolClient(URI.create(server.url() + "/mcp"), ToolClient.PATIENCE, true)) {
      again.closing(true);
      assertThat(again.call(MEMORY, "t", false).ok()).isTrue();
    }
    assertThat(server.requests().stream().map(r -> JsonMapper.shared().readTree(r.text())))
        .extracting(r -> r.path("id").asString())
        .containsExactly("t 0", "t 1");
    assertThat(server.connections()).isEqualTo(2);
    Conditions.await("it has closed its connection", () -> server.openConnections() == 0);
  }

  @Test
  void anAnswerThatNeverEndsIsAFailure() throws Exception {
    server.always(Behaviour.sse(Ending.SILENCE, "{\"method\":\"notifications/message\"}"));
    try (ToolClient hasty =
        new ToolClient(URI.create(server.url() + "/mcp"), Duration.ofMillis(200), false)) {
      assertThat(hasty.call(MEMORY, "t", false).failure()).contains("no answer");
    }
  }
}
