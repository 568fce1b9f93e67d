package com.mcpist.edge.call;

import static com.mcpist.edge.fixture.TestEdge.ANSWER;
import static com.mcpist.edge.fixture.TestEdge.CALL;
import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.edge.fixture.TestEdge;
import com.mcpist.testkit.Behaviour;
import com.mcpist.testkit.Behaviour.Ending;
import com.mcpist.testkit.Behaviour.Sse;
import com.mcpist.testkit.Conditions;
import com.mcpist.testkit.HttpMessage;
import com.mcpist.testkit.RawHttp;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class EventStreamTest {
  private final TestEdge edge = TestEdge.start();

  @AfterEach
  void stop() throws IOException {
    edge.close();
  }

  private static String progress(int value) {
    return "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/progress\","
        + "\"params\":{\"progressToken\":\"t\",\"progress\":"
        + value
        + "}}";
  }

  @Test
  void aStreamPassesAsItIs() throws IOException {
    edge.first.always(
        new Sse(
            List.of(": at work\n\n", "id: 1\r\ndata: {}\r\n\r\n", "data: " + ANSWER + "\n\n"),
            Duration.ZERO,
            Ending.COMPLETE));
    HttpMessage response = edge.call();
    assertThat(response.header("Content-Type")).contains("text/event-stream");
    assertThat(response.header("X-Served-By")).contains("origin-1");
    assertThat(response.text())
        .isEqualTo(": at work\n\nid: 1\r\ndata: {}\r\n\r\ndata: " + ANSWER + "\n\n");
  }

  @ParameterizedTest
  @EnumSource(names = {"CLOSE", "RESET", "SILENCE"})
  void aBrokenStreamGoesOnWithTheNextOrigin(Ending ending) throws IOException {
    edge.first.always(
        new Sse(
            List.of("data: " + progress(1) + "\n\n", "data: " + progress(5) + "\n\n", "data: half"),
            Duration.ZERO,
            ending));
    edge.second.always(
        Behaviour.sse(Ending.COMPLETE, progress(1), progress(5), progress(6), ANSWER));
    HttpMessage response = edge.call();
    assertThat(response.text())
        .isEqualTo(
            "data: "
                + progress(1)
                + "\n\n"
                + "data: "
                + progress(5)
                + "\n\n"
                + ": attempt 2, origin-2\n\n"
                + "data: "
                + progress(6)
                + "\n\n"
                + "data: "
                + ANSWER
                + "\n\n");
  }

  @Test
  void aJsonAnswerOfTheNextOriginBecomesAnEvent() throws IOException {
    edge.first.always(Behaviour.sse(Ending.RESET, progress(1)));
    edge.second.always(Behaviour.answer(200, ANSWER));
    assertThat(edge.call().text()).endsWith("event: message\ndata: " + ANSWER + "\n\n");
  }

  @Test
  void aJsonRpcErrorOfTheNextOriginBecomesAnEvent() throws IOException {
    String error = "{\"jsonrpc\":\"2.0\",\"id\":7,\"error\":{\"code\":-32602,\"message\":\"no\"}}";
    edge.first.always(Behaviour.sse(Ending.RESET, progress(1)));
    edge.second.always(Behaviour.ofLedger(400, error));
    String read = CALL.replace("tools/call", "resources/read");
    assertThat(edge.post("", read).text()).endsWith("event: message\ndata: " + error + "\n\n");
  }

  @Test
  void aStreamThatNobodyCanEndEndsWithAnError() throws IOException {
    edge.first.always(Behaviour.sse(Ending.RESET, progress(1)));
    edge.second.refuse();
    // The first origin goes on breaking off until the call has no time left.
    edge.first.next(Behaviour.sse(Ending.RESET, progress(1))).always(Behaviour.resetBefore());
    HttpMessage response = edge.call();
    assertThat(response.status()).isEqualTo(200);
    assertThat(response.text())
        .startsWith("data: " + progress(1) + "\n\n")
        .contains("event: message\ndata: {\"jsonrpc\":\"2.0\",\"id\":7,\"error\":")
        .contains("outcome is unknown");
  }

  @Test
  void aStreamThatBreaksAfterItsResponseIsWhole() throws IOException {
    edge.first.always(Behaviour.sse(Ending.RESET, ANSWER));
    assertThat(edge.call().text()).isEqualTo("data: " + ANSWER + "\n\n");
    assertThat(edge.second.requests()).isEmpty();
  }

  @Test
  void aStreamWithIdsThatEndsIsLeftToTheClient() throws IOException {
    edge.first.always(new Sse(List.of("id: 9\ndata:\n\n"), Duration.ZERO, Ending.COMPLETE));
    assertThat(edge.call().text()).isEqualTo("id: 9\ndata:\n\n");
    assertThat(edge.second.requests()).isEmpty();
  }

  /** The client's revision of MCP has no way to ask for the rest of a stream. */
  @Test
  void aStreamWithIdsThatEndsIsGoneOnWithForAModernClient() throws IOException {
    edge.first.always(new Sse(List.of("id: 9\ndata:\n\n"), Duration.ZERO, Ending.COMPLETE));
    edge.second.always(Behaviour.answer(200, ANSWER));
    assertThat(edge.call("MCP-Protocol-Version: 2026-07-28").text())
        .startsWith("id: 9\ndata:\n\n")
        .endsWith("data: " + ANSWER + "\n\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"MCP-Protocol-Version: 2026-07-28", "MCP-Protocol-Version: 2025-11-25"})
  void aStreamThatEndsWithoutAnIdOrAResponseSaysSo(String version) throws IOException {
    List<String> events = List.of("id: 9\ndata:\n\n", "id:\ndata: " + progress(1) + "\n\n");
    edge.first.always(new Sse(events, Duration.ZERO, Ending.COMPLETE));
    edge.second.refuse();
    assertThat(edge.call(version).text())
        .contains("event: message\ndata: {\"jsonrpc\":\"2.0\",\"id\":7,\"error\":")
        .contains("outcome_unknown");
  }

  @ParameterizedTest
  @ValueSource(strings = {"too long", "no JSON", "no time", "another's response"})
  void aBegunStreamSaysThatItHasNoResult(String how) throws Exception {
    Behaviour begun =
        switch (how) {
          case "too long" -> sse("data: " + "x".repeat(9 * 1024 * 1024) + "\n\n");
          case "no JSON" -> sse("data: {\"id\":7,\n\n");
          case "another's response" -> sse("data: {\"id\":8,\"result\":{}}\n\n");
          default -> new Behaviour.Ticks(() -> ": at work\n\n", Duration.ofMillis(20));
        };
    try (TestEdge hasty = TestEdge.start(EventStreamTest::withLittleTime)) {
      hasty.first.always(begun);
      hasty.second.refuse();
      String batch =
          "[" + CALL + "," + CALL.replace("7", "8").replace("tools/call", "tools/list") + "]";
      HttpMessage response = hasty.post("Idempotency-Key: mine", batch);
      assertThat(response.header("Content-Type")).contains("text/event-stream");
      assertThat(response.text())
          .contains("data: {\"jsonrpc\":\"2.0\",\"id\":7,\"error\":", "outcome_unknown");
      boolean answered = how.equals("another's response");
      assertThat(response.text().contains("\"id\":8,\"error\"")).isNotEqualTo(answered);
    }
  }

  private static Behaviour sse(String event) {
    return new Sse(List.of(": at work\n\n", event), Duration.ZERO, Ending.COMPLETE);
  }

  private static ProxyConfig withLittleTime(ProxyConfig config) {
    return new ProxyConfig(
        config.host(),
        0,
        config.waitMillis(),
        config.connectTimeoutMillis(),
        config.idleTimeoutMillis(),
        2_000,
        config.maxBodyBytes(),
        config.replayBufferBytes(),
        config.clients(),
        config.allowedHosts());
  }

  /** Any JSON may follow the spaces with which a slow answer begins. */
  @Test
  void aJsonAnswerOfWhichOnlySpacesCameIsEndedWithAnError() throws IOException {
    int spaces = 9 * 1024 * 1024;
    Behaviour.Answer whole = Behaviour.answer(200, " ".repeat(spaces) + ANSWER);
    edge.first.always(new Behaviour.CutInBody(whole, spaces, Ending.CLOSE));
    edge.second.refuse();
    assertThat(edge.call().text())
        .startsWith(" ")
        .contains(" {\"jsonrpc\":\"2.0\",\"id\":7,\"error\":", "outcome_unknown")
        .endsWith("}");
  }

  @Test
  void aListeningStreamEndsWithItsOrigin() throws IOException {
    edge.first.always(Behaviour.sse(Ending.RESET, "{}"));
    String listen =
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"subscriptions/listen\",\"params\":{}}";
    assertThat(edge.post("", listen).text()).isEqualTo("data: {}\n\n");
    assertThat(edge.second.requests()).isEmpty();
  }

  @Test
  void commentsKeepACallAlive() throws IOException {
    List<String> comments = List.of(":\n\n", ":\n\n", ":\n\n", ":\n\n", "data: " + ANSWER + "\n\n");
    edge.first.always(new Sse(comments, Duration.ofMillis(400), Ending.COMPLETE));
    assertThat(edge.call().text()).isEqualTo(String.join("", comments));
  }

  @Test
  void aModernClientThatGoesCancelsItsCall() throws Exception {
    goAway("MCP-Protocol-Version: 2026-07-28");
    Conditions.await("the origin is told", () -> edge.first.openConnections() == 0);
    assertThat(edge.second.requests()).isEmpty();
  }

  @Test
  void theCallOfAnOlderClientThatGoesIsFinished() throws Exception {
    edge.first.always(
        new Sse(
            List.of(":\n\n", ":\n\n", "data: " + ANSWER + "\n\n"),
            Duration.ofMillis(300),
            Ending.COMPLETE));
    goAway("MCP-Protocol-Version: 2025-11-25");
    Conditions.await("the call is over", () -> edge.origins.inFlight.isEmpty());
    assertThat(edge.origins.failures).isEmpty();
    assertThat(edge.first.openConnections()).isEqualTo(1);
  }

  private void goAway(String header) throws Exception {
    if (header.endsWith("28")) {
      edge.first.always(new Sse(List.of(":\n\n"), Duration.ZERO, Ending.SILENCE));
    }
    try (RawHttp client = RawHttp.connect(edge.server.port())) {
      client.send(RawHttp.post("/mcp", header + "\nIdempotency-Key: mine", CALL));
      assertThat(client.readByte()).isPositive();
      client.reset();
    }
  }
}
