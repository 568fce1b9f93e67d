package com.mcpist.drill;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.drill.Analysis.CallRecord;
import com.mcpist.drill.Load.SaveClient;
import com.mcpist.testkit.Behaviour;
import com.mcpist.testkit.Behaviour.Answer;
import com.mcpist.testkit.Behaviour.Ending;
import com.mcpist.testkit.FaultServer;
import com.mcpist.testkit.HttpMessage;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class SaveClientTest {
  private static final String DONE =
      "{\"jsonrpc\":\"2.0\",\"id\":\"1\",\"result\":{\"content\":[]}}";

  private FaultServer server;
  private SaveClient client;

  @BeforeEach
  void start() {
    server = FaultServer.start();
    client = new SaveClient(URI.create(server.url() + "/mcp"), SaveClient.PATIENCE);
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

    CallRecord call = client.save("a title", true);
    assertThat(call.ok()).isTrue();
    assertThat(call.title()).isEqualTo("a title");
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
    assertThat(client.save("t", false).ok()).isTrue();
  }

  @Test
  void anErrorIsAFailureAndItsPromiseIsKept() throws Exception {
    String error = "{\"error\":{\"code\":1,\"message\":\"no\",\"data\":{\"mayBeSentAgain\":%s}}}";
    server.next(
        Behaviour.answer(503, error.formatted("true")),
        Behaviour.answer(200, error.formatted("false")),
        Behaviour.answer(
            200, "{\"result\":{\"isError\":true,\"content\":[{\"text\":\"it is unknown\"}]}}"),
        Behaviour.answer(200, "{}"),
        Behaviour.answer(502, "<html>"));

    CallRecord promised = client.save("t", false);
    assertThat(promised.failure()).isEqualTo("no");
    assertThat(promised.mayBeSentAgain()).isTrue();
    assertThat(client.save("t", false).mayBeSentAgain()).isFalse();
    assertThat(client.save("t", false).failure()).isEqualTo("it is unknown");
    assertThat(client.save("t", false).failure()).isEqualTo("an answer without a result");
    assertThat(client.save("t", false).failure()).contains("no JSON-RPC message");
  }

  @Test
  void aConnectionThatBreaksIsAFailureAndNothingIsSentAgain() throws Exception {
    server.always(Behaviour.resetBefore());

    CallRecord call = client.save("t", false);
    assertThat(call.failure()).contains("no answer");
    assertThat(call.mayBeSentAgain()).isFalse();
    assertThat(call.servedBy()).isNull();
    assertThat(server.requests()).hasSize(1);
  }

  @Test
  void anAnswerThatNeverEndsIsAFailure() throws Exception {
    server.always(Behaviour.sse(Ending.SILENCE, "{\"method\":\"notifications/message\"}"));
    try (SaveClient hasty =
        new SaveClient(URI.create(server.url() + "/mcp"), Duration.ofMillis(200))) {
      assertThat(hasty.save("t", false).failure()).contains("no answer");
    }
  }
}
