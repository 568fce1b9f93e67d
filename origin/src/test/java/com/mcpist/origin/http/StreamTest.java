package com.mcpist.origin.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.mcpist.module.ToolCall;
import com.mcpist.origin.fixture.Requests;
import com.mcpist.testkit.Conditions;
import com.mcpist.testkit.RawHttp;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.node.ObjectNode;

/** Answers that come as a stream, because something is said before the answer or it takes long. */
class StreamTest {
  private TestOrigin origin;

  @BeforeEach
  void start() {
    origin = new TestOrigin();
  }

  @AfterEach
  void stop() {
    origin.close();
  }

  private ToolCall called() throws InterruptedException {
    ToolCall call = origin.module.waiting.poll(Conditions.LIMIT.toMillis(), TimeUnit.MILLISECONDS);
    assertThat(call).isNotNull();
    return call;
  }

  private static BufferedReader lines(HttpResponse<InputStream> response) {
    return new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8));
  }

  @ParameterizedTest
  @ValueSource(strings = {"2026-07-28", "2025-11-25", "2025-06-18"})
  void notificationsComeAheadOfTheAnswer(String version) throws IOException, InterruptedException {
    ObjectNode request = Requests.call(version, "speak", "{}");
    ((ObjectNode) request.path("params")).withObject("_meta").put("progressToken", "p1");
    List<ObjectNode> messages = TestOrigin.messages(origin.send(origin.post(version, request)));
    assertThat(messages)
        .extracting(m -> m.path("method").asString(""))
        .containsExactly(
            "notifications/progress", "notifications/message", "notifications/progress", "");
    assertThat(messages.get(0).path("params").path("progressToken").asString()).isEqualTo("p1");
    assertThat(messages.get(1).path("params").path("data").asString()).isEqualTo("loud");
    assertThat(messages.get(3).path("result").has("content")).isTrue();
  }

  @Test
  void aClientThatTakesNoStreamGetsTheAnswerAlone() throws IOException, InterruptedException {
    ObjectNode request = Requests.call(Requests.MODERN, "speak", "{}");
    var plain = origin.post(Requests.MODERN, request).setHeader("Accept", "application/json");
    HttpResponse<String> response = origin.send(plain);
    assertThat(response.headers().firstValue("Content-Type")).contains("application/json");
    assertThat(response.body()).contains("spoken");
  }

  @Test
  void aClientThatTakesOnlyAStreamGetsOne() throws IOException, InterruptedException {
    ObjectNode request = Requests.call(Requests.MODERN, "echo", "{}");
    var stream = origin.post(Requests.MODERN, request).setHeader("Accept", "text/event-stream");
    HttpResponse<String> response = origin.send(stream);
    assertThat(response.headers().firstValue("Content-Type")).contains("text/event-stream");
    assertThat(TestOrigin.lastMessage(response).path("result").has("content")).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"2026-07-28", "2025-11-25"})
  void aLongCallBecomesAStreamThatShowsLife(String version)
      throws IOException, InterruptedException {
    HttpResponse<InputStream> response =
        origin.open(origin.post(version, Requests.call(version, "wait", "{}")));
    assertThat(response.headers().firstValue("Content-Type")).contains("text/event-stream");
    BufferedReader lines = lines(response);
    for (int comments = 0; comments < 2; comments++) {
      assertThat(lines.readLine()).isEqualTo(":");
      assertThat(lines.readLine()).isEmpty();
    }
    origin.module.go.release();
    assertThat(lines.lines().filter(l -> l.startsWith("data: ")).toList())
        .singleElement()
        .asString()
        .contains("waited");
  }

  @ParameterizedTest
  @ValueSource(strings = {"2026-07-28", "2025-11-25"})
  void aLongCallShowsLifeToAClientThatTakesNoStreamToo(String version)
      throws IOException, InterruptedException {
    ObjectNode request = Requests.call(version, "wait", "{}");
    HttpResponse<InputStream> response =
        origin.open(origin.post(version, request).setHeader("Accept", "application/json"));
    assertThat(response.headers().firstValue("Content-Type")).contains("application/json");
    for (int spaces = 0; spaces < 2; spaces++) {
      assertThat(response.body().read()).isEqualTo(' ');
    }
    origin.module.go.release();
    assertThat(new String(response.body().readAllBytes(), StandardCharsets.UTF_8).strip())
        .startsWith("{\"jsonrpc\"")
        .contains("waited");
  }

  @ParameterizedTest
  @CsvSource({"2026-07-28, true", "2025-11-25, false"})
  void closingTheConnectionCancelsInTheModernRevisionOnly(String version, boolean cancels)
      throws IOException, InterruptedException {
    ObjectNode request = Requests.call(version, "wait", "{}");
    StringBuilder headers =
        new StringBuilder("X-User-Id: local\nX-Gateway-Secret: " + TestOrigin.SECRET);
    Requests.headers(version, request)
        .forEach((name, value) -> headers.append("\n" + name + ": " + value));
    ToolCall call;
    try (RawHttp http = RawHttp.connect(origin.port())) {
      http.send(RawHttp.post("/mcp", headers.toString(), request.toString()));
      call = called();
      assertThat(call.cancelled()).isFalse();
    }
    // A second call shows that the close of the first has been seen.
    try (RawHttp http = RawHttp.connect(origin.port())) {
      http.send(RawHttp.post("/mcp", headers.toString(), request.toString()));
      called();
    }
    if (cancels) {
      Conditions.await("the call is cancelled", call::cancelled);
    } else {
      assertThat(call.cancelled()).isFalse();
    }
  }

  @Test
  void aDeadlineThatHasPassedCancels() throws IOException, InterruptedException {
    ObjectNode request = Requests.call("2025-11-25", "wait", "{}");
    origin.open(origin.post("2025-11-25", request).header("X-Deadline", "1"));
    assertThat(called().cancelled()).isTrue();
  }

  @Test
  void aSubscriptionIsAcknowledgedAndEndsWithTheOrigin() throws IOException, InterruptedException {
    ObjectNode request =
        Requests.request(
            Requests.MODERN,
            "subscriptions/listen",
            "{\"notifications\": {\"toolsListChanged\": true}}");
    HttpResponse<InputStream> response = origin.open(origin.post(Requests.MODERN, request));
    BufferedReader lines = lines(response);
    assertThat(lines.readLine()).isEqualTo("event: message");
    assertThat(lines.readLine())
        .contains("notifications/subscriptions/acknowledged")
        .contains("\"io.modelcontextprotocol/subscriptionId\":7");
    assertThat(origin.server.drain(Conditions.LIMIT)).isTrue();
    assertThat(lines.lines().filter(l -> l.startsWith("data: ")).toList())
        .singleElement()
        .asString()
        .contains("\"id\":7")
        .contains("\"resultType\":\"complete\"");
  }

  @Test
  void aStreamThatAnotherOriginShouldGoOnWithIsBrokenNotEnded()
      throws IOException, InterruptedException {
    ObjectNode request = Requests.call("2025-11-25", "speak-then-away", "{}");
    ((ObjectNode) request.path("params")).withObject("_meta").put("progressToken", 1);
    var builder = origin.post("2025-11-25", request);
    assertThat(TestOrigin.lastMessage(origin.send(builder)).has("error"))
        .as("without an edge the client is told")
        .isTrue();
    assertThatThrownBy(() -> origin.send(builder.header("X-Call-Id", "c1")))
        .isInstanceOf(IOException.class);
  }
}
