package com.mcpist.cli.connect;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.testkit.Behaviour;
import com.mcpist.testkit.Behaviour.Answer;
import com.mcpist.testkit.Behaviour.Ending;
import com.mcpist.testkit.Conditions;
import com.mcpist.testkit.FaultServer;
import com.mcpist.testkit.HttpMessage;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class BridgeTest {
  private static final Duration LONG = Duration.ofMinutes(5);
  private static final String MODERN =
      "\"_meta\":{\"io.modelcontextprotocol/protocolVersion\":\"2026-07-28\"}";
  private static final String INITIALIZE =
      "{\"jsonrpc\":\"2.0\",\"id\":0,\"method\":\"initialize\",\"params\":{\"protocolVersion\":\"x\"}}";
  private static final String INITIALIZED =
      "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}";

  private final FaultServer server = FaultServer.start();

  @AfterEach
  void stop() throws Exception {
    server.close();
  }

  private static String call(String id, String params) {
    return "{\"jsonrpc\":\"2.0\",\"id\":%s,\"method\":\"tools/call\",\"params\":{\"name\":\"save\"%s}}"
        .formatted(id, params.isEmpty() ? "" : "," + params);
  }

  private static String result(String id) {
    return "{\"jsonrpc\":\"2.0\",\"id\":" + id + ",\"result\":{\"content\":[]}}";
  }

  private static String failure(String id, String code) {
    return "{\"jsonrpc\":\"2.0\",\"id\":%s,\"error\":{\"code\":-32000,\"message\":\"m\",\"data\":{\"code\":\"%s\"}}}"
        .formatted(id, code);
  }

  private static Answer json(int status, String json, Map<String, String> more) {
    Map<String, String> headers = new HashMap<>(Map.of("Content-Type", "application/json"));
    headers.putAll(more);
    return new Answer(status, headers, json.getBytes(StandardCharsets.UTF_8));
  }

  private Host host() throws Exception {
    return new Host(server.url() + "/mcp", null, LONG);
  }

  private List<String> headers(String name) {
    return server.requests().stream().map(r -> r.header(name).orElse("none")).toList();
  }

  @Test
  void aCallIsSentUntilItIsAnsweredUnderOneKey() throws Exception {
    Answer whole = Behaviour.answer(200, result("1"));
    server.next(
        Behaviour.resetBefore(),
        Behaviour.closeBefore(),
        Behaviour.closeInBody(whole),
        Behaviour.resetInBody(whole),
        Behaviour.sse(Ending.COMPLETE),
        Behaviour.sse(Ending.CLOSE, "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/message\"}"),
        Behaviour.answer(503, failure("1", "origin_unavailable")),
        Behaviour.answer(200, failure("1", "rate_limited")),
        Behaviour.answer(
            200,
            failure("1", "outcome_unknown")
                .replace("\"data\":{", "\"data\":{\"idempotencyKey\":\"k\",")),
        Behaviour.sse(Ending.COMPLETE, failure("1", "origin_unavailable")),
        Behaviour.status(524),
        whole,
        Behaviour.answer(200, result("2")));
    try (Host host = host()) {
      host.say(call("1", ""));
      assertThat(host.awaitHeard(2))
          .containsExactly(
              "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/message\"}", result("1"));
      host.say(call("2", ""));
      assertThat(host.awaitHeard(3)).last().isEqualTo(result("2"));
    }

    List<String> keys = headers("Idempotency-Key");
    assertThat(keys.stream().distinct()).hasSize(2).doesNotContain("none");
    assertThat(keys.getLast()).isNotEqualTo(keys.getFirst());
    assertThat(server.requests().subList(0, 12))
        .extracting(HttpMessage::text)
        .containsOnly(call("1", ""));
  }

  @Test
  void itComesAgainWhenTheServerSays() throws Exception {
    server.next(
        json(503, failure("1", "overloaded"), Map.of("Retry-After", "1")),
        Behaviour.answer(200, result("1")));
    long begun = System.nanoTime();
    try (Host host = host()) {
      host.say(call("1", ""));
      host.awaitHeard(1);
    }
    assertThat(Duration.ofNanos(System.nanoTime() - begun)).isGreaterThan(Duration.ofSeconds(1));
  }

  @Test
  void whatTheServerSaysReachesTheHostUnchanged() throws Exception {
    String refused =
        "{\"jsonrpc\":\"2.0\",\"id\":null,\"error\":{\"code\":-32000,\"message\":\"no\",\"data\":{\"code\":\"unauthenticated\"}}}";
    server.next(
        Behaviour.answer(
            200,
            "  {\n \"id\": \"a\\u0062\",\n \"error\": {\"code\": -32602, \"message\": \"\\n\"}\n}"),
        Behaviour.answer(200, failure("2", "outcome_unknown")),
        Behaviour.answer(404, "{\"id\":3,\"error\":{\"code\":-32601,\"message\":\"unknown\"}}"),
        json(401, refused, Map.of("WWW-Authenticate", "Bearer resource_metadata=\"x\"")),
        Behaviour.status(302));
    try (Host host = host()) {
      host.say(call("\"ab\"", ""));
      assertThat(host.awaitHeard(1))
          .last()
          .isEqualTo(
              "  {  \"id\": \"a\\u0062\",  \"error\": {\"code\": -32602, \"message\": \"\\n\"} }");
      host.say(call("2", ""));
      assertThat(host.awaitHeard(2)).last().isEqualTo(failure("2", "outcome_unknown"));
      host.say(call("3", ""));
      assertThat(host.awaitHeard(3)).last().asString().contains("-32601");
      host.say(call("4", ""));
      assertThat(host.awaitHeard(4)).last().isEqualTo(refused.replace("null", "4"));
      assertThat(host.log()).contains("HTTP 401", "MCPIST_API_KEY").doesNotContain("reached");
      host.say(call("5", ""));
      assertThat(host.awaitHeard(5)).last().asString().contains("\"id\":5", "HTTP 302");
      host.say("no JSON");
      assertThat(host.awaitHeard(6)).last().asString().contains("-32700");
    }
    assertThat(server.requests()).hasSize(5);
  }

  @Test
  void afterTheLimitItSaysWhatIsKnown() throws Exception {
    server.always(Behaviour.answer(503, failure("1", "origin_unavailable")));
    try (Host host = new Host(server.url(), null, Duration.ofMillis(300))) {
      host.say(call("1", ""));
      assertThat(host.awaitHeard(1)).containsExactly(failure("1", "origin_unavailable"));
      server.always(Behaviour.closeBefore());
      host.say(call("2", ""));
      assertThat(host.awaitHeard(2))
          .last()
          .asString()
          .contains("\"id\":2", "outcome_unknown", "may have been done");
      server.refuse();
      host.say("[" + call("3", "") + "," + call("4", "") + "]");
      assertThat(host.awaitHeard(3))
          .last()
          .asString()
          .startsWith("[{")
          .contains("\"id\":3", "\"id\":4", "Nothing was done");
      host.say(INITIALIZED);
    }
  }

  @Test
  void aServerThatIsAwayIsToldOnceAndWaitedFor() throws Exception {
    server.refuse();
    try (Host host = host()) {
      host.say(call("1", ""));
      Conditions.await("it is told", () -> host.log().contains("cannot be reached"));
      server.always(Behaviour.answer(200, result("1")));
      server.listen();
      host.awaitHeard(1);
      assertThat(host.log().lines()).hasSize(2).last().asString().endsWith(" answers.");
    }
  }

  @Test
  void eventsPassAndTheHostsAnswersGoBack() throws Exception {
    String asks = "{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"elicitation/create\",\"params\":{}}";
    server.next(
        Behaviour.sse(Ending.CLOSE, asks, progress(1), progress(2)),
        Behaviour.sse(Ending.COMPLETE, progress(1), progress(3), result("1")),
        Behaviour.status(202));
    try (Host host = host()) {
      host.say(call("1", ""));
      assertThat(host.awaitHeard(5))
          .containsExactly(asks, progress(1), progress(2), progress(3), result("1"));
      host.say(result("7"));
    }
    assertThat(server.requests())
        .hasSize(3)
        .last()
        .extracting(HttpMessage::text)
        .isEqualTo(result("7"));
    assertThat(headers("Idempotency-Key").getLast()).isEqualTo("none");
  }

  private static String progress(int value) {
    return "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/progress\",\"params\":{\"progressToken\":\"t\",\"progress\":%d}}"
        .formatted(value);
  }

  @Test
  void aHeaderRepeatsWhatTheBodySays() throws Exception {
    server.handle(_ -> Behaviour.answer(200, result("1")));
    String meta = MODERN.replace("}", ",\"com.mcpist/idempotency-key\":\"mine\"}");
    try (Host host = new Host(server.url(), "mcpist_k", LONG)) {
      host.say(call("1", meta));
      host.awaitHeard(1);
      host.say(call("1", MODERN).replace("save", "保存"));
      host.awaitHeard(2);
    }
    assertThat(headers("Idempotency-Key").getFirst()).as("the body has it").isEqualTo("none");
    assertThat(headers("Authorization")).containsOnly("Bearer mcpist_k");
    assertThat(headers("MCP-Protocol-Version")).containsOnly("2026-07-28");
    assertThat(headers("Mcp-Method")).containsOnly("tools/call");
    assertThat(headers("Mcp-Name")).containsExactly("save", "=?base64?5L+d5a2Y?=");
    assertThat(server.requests().getFirst().text()).isEqualTo(call("1", meta));
  }

  @Test
  void aCancelledRequestIsGivenUp() throws Exception {
    String cancelled =
        "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\",\"params\":{\"requestId\":%s}}";
    server.next(Behaviour.silent(), Behaviour.silent());
    try (Host host = host()) {
      host.say(call("1", MODERN));
      host.say(call("\"1\"", MODERN));
      Conditions.await("both wait", () -> server.requests().size() == 2);
      host.say(cancelled.formatted("1"));
      Conditions.await("its connection is closed", () -> server.openConnections() == 1);
      host.say(cancelled.formatted("\"1\""));
      Conditions.await("the other's too", () -> server.openConnections() == 0);
    }
    assertThat(server.requests()).as("the end of a connection says it").hasSize(2);

    server.next(
        Behaviour.answer(200, "{\"id\":0,\"result\":{\"protocolVersion\":\"2025-11-25\"}}"),
        Behaviour.silent());
    server.always(Behaviour.status(202));
    try (Host host = host()) {
      host.say(INITIALIZE);
      host.awaitHeard(1);
      host.say(call("1", ""));
      Conditions.await("it waits", () -> server.requests().size() == 4);
      host.say(cancelled.formatted("1"));
    }
    assertThat(server.requests())
        .hasSize(5)
        .last()
        .extracting(HttpMessage::text)
        .isEqualTo(cancelled.formatted("1"));
  }

  @Test
  void aSessionThatIsOverBeginsAnew() throws Exception {
    CountDownLatch streamed = new CountDownLatch(1);
    server.handle(
        request -> {
          String session = request.header("Mcp-Session-Id").orElse("");
          if (request.method().equals("GET")) {
            streamed.countDown();
            return Behaviour.sse(Ending.SILENCE, "{\"method\":\"notifications/message\"}");
          }
          if (request.text().contains("\"initialize\"")) {
            String id = streamed.getCount() == 0 ? "second" : "first";
            return json(
                200,
                "{\"id\":0,\"result\":{\"protocolVersion\":\"2025-06-18\"}}",
                Map.of("Mcp-Session-Id", id));
          }
          if (!request.text().contains("tools/call")) {
            return Behaviour.status(202);
          }
          return session.equals("first")
              ? Behaviour.status(404)
              : Behaviour.answer(200, result("1"));
        });
    try (Host host = host()) {
      host.say(INITIALIZE);
      host.awaitHeard(1);
      host.say(INITIALIZED);
      streamed.await();
      assertThat(host.awaitHeard(2)).last().isEqualTo("{\"method\":\"notifications/message\"}");
      host.say(call("1", ""));
      assertThat(host.awaitHeard(3)).last().isEqualTo(result("1"));
    }
    List<HttpMessage> posts =
        server.requests().stream().filter(r -> r.method().equals("POST")).toList();
    assertThat(posts.stream().map(r -> r.header("Mcp-Session-Id").orElse("none")))
        .containsExactly("none", "first", "first", "none", "second", "second");
    assertThat(posts.stream().map(r -> r.header("MCP-Protocol-Version").orElse("none")))
        .containsExactly("none", "2025-06-18", "2025-06-18", "none", "2025-06-18", "2025-06-18");
    assertThat(posts.getLast().header("Idempotency-Key"))
        .isEqualTo(posts.get(2).header("Idempotency-Key"));
  }

  @Test
  void listeningGoesOnAndEndsWithTheHost() throws Exception {
    String listen =
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"subscriptions/listen\",\"params\":{}}";
    server.next(Behaviour.sse(Ending.CLOSE, "{\"method\":\"a\"}"));
    server.always(Behaviour.sse(Ending.SILENCE, "{\"method\":\"b\"}"));
    try (Host host = new Host(server.url(), null, Duration.ZERO)) {
      host.say(listen);
      assertThat(host.awaitHeard(2)).containsExactly("{\"method\":\"a\"}", "{\"method\":\"b\"}");
    }
    assertThat(server.requests()).hasSize(2);
  }
}
