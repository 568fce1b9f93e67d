package com.mcpist.origin.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.module.Invocation.Attempt;
import com.mcpist.origin.fixture.Definitions;
import com.mcpist.origin.fixture.Requests;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The revisions with initialize, served without a session; and which attempt a call is. */
class LegacyTest {
  private static final String LAST = "2025-11-25";
  private TestOrigin origin;

  @BeforeEach
  void start() {
    origin = new TestOrigin();
  }

  @AfterEach
  void stop() {
    origin.close();
  }

  private HttpResponse<String> post(String body, String... headers)
      throws IOException, InterruptedException {
    HttpRequest.Builder builder =
        origin
            .to("/mcp")
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body));
    for (int i = 0; i < headers.length; i += 2) {
      builder.setHeader(headers[i], headers[i + 1]);
    }
    return origin.send(builder);
  }

  @ParameterizedTest
  @CsvSource({
    "2025-11-25, 2025-11-25",
    "2025-06-18, 2025-06-18",
    "2025-03-26, 2025-03-26",
    "2026-07-28, 2025-11-25",
    "1999-01-01, 2025-11-25"
  })
  void initializeEchoesASupportedVersionAndOpensNoSession(String asked, String answered)
      throws IOException, InterruptedException {
    HttpResponse<String> response =
        post(
            Requests.request(LAST, "initialize", "{\"protocolVersion\": \"" + asked + "\"}")
                .toString());
    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.headers().firstValue("Mcp-Session-Id")).isEmpty();
    JsonNode result = Definitions.json(response.body()).path("result");
    assertThat(result.path("protocolVersion").asString()).isEqualTo(answered);
    assertThat(result.path("serverInfo").path("name").asString()).isEqualTo("test");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"roots\": {}, \"elicitation\": {}} | elicitation.roots",
        "{\"elicitation\": {\"url\": {}}, \"sampling\": {}} | url_elicitation.sampling"
      })
  void whatAClientCanBeAskedIsInAnIdThatItSends(String capabilities, String id) throws Exception {
    HttpResponse<String> response =
        post(
            Requests.request(
                    LAST,
                    "initialize",
                    "{\"protocolVersion\": \"2025-11-25\", \"capabilities\": %s}"
                        .formatted(capabilities))
                .toString());
    assertThat(response.headers().firstValue("Mcp-Session-Id").orElse("")).startsWith(id + ".");
  }

  @Test
  void aNotificationIsTaken() throws IOException, InterruptedException {
    String initialized = "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}";
    HttpResponse<String> response = post(initialized, "MCP-Protocol-Version", LAST);
    assertThat(response.statusCode()).isEqualTo(202);
    assertThat(response.body()).isEmpty();
    assertThat(post(initialized, "MCP-Protocol-Version", "1999-01-01").statusCode()).isEqualTo(400);
  }

  @Test
  void theOldestRevisionHasBatchesAndNoOther() throws IOException, InterruptedException {
    String batch =
        "[{\"jsonrpc\":\"2.0\",\"id\":\"a\",\"method\":\"ping\"},"
            + "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"},"
            + "{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"initialize\","
            + "\"params\":{\"protocolVersion\":\"2025-03-26\"}},"
            + "7,"
            + Requests.call(LAST, "echo", "{}")
            + "]";
    JsonNode answers = JsonMapper.shared().readTree(post(batch).body());
    assertThat(answers.size()).isEqualTo(4);
    assertThat(answers.get(0).path("id").asString()).isEqualTo("a");
    assertThat(answers.get(1).path("error").path("code").asInt()).isEqualTo(-32600);
    assertThat(answers.get(2).path("error").path("code").asInt()).isEqualTo(-32600);
    assertThat(answers.get(3).path("result").has("content")).isTrue();
    assertThat(origin.runner.attempts().getFirst().key().index()).isEqualTo(4);
    assertThat(post(batch, "MCP-Protocol-Version", "2025-06-18").statusCode()).isEqualTo(400);
    String quiet = "[{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}]";
    assertThat(post(quiet).statusCode()).isEqualTo(202);
  }

  @Test
  void theEdgesHeadersSayWhichAttemptItIs() throws IOException, InterruptedException {
    post(
        Requests.call(LAST, "echo", "{}").toString(),
        "X-Call-Id",
        "call-1",
        "X-Attempt",
        "2",
        "X-Deadline",
        "99",
        "X-User-Id",
        "ada");
    post(Requests.call(LAST, "echo", "{}").toString(), "X-Call-Id", "c", "Idempotency-Key", "k");
    post(Requests.call(LAST, "echo", "{}").toString());
    List<Attempt> attempts = origin.runner.attempts();
    assertThat(attempts.get(0))
        .isEqualTo(
            new Attempt(new Attempt.Key("ada", "call-1", 0, false), 2, Instant.ofEpochMilli(99)));
    assertThat(attempts.get(1))
        .isEqualTo(
            new Attempt(
                new Attempt.Key("local", "k", 0, true), new Attempt.Sending("c", 0, 1), null));
    assertThat(attempts.get(2).key().fromClient()).isFalse();
    assertThat(attempts.get(2).key().id()).hasSize(36);
  }

  @Test
  void aMistakeOfAToolIsToldByItsCorrelationIdOnly() throws IOException, InterruptedException {
    HttpResponse<String> response = post(Requests.call(LAST, "break", "{}").toString());
    assertThat(response.statusCode()).isEqualTo(200);
    JsonNode error = Definitions.json(response.body()).path("error");
    assertThat(error.path("code").asInt()).isEqualTo(-32603);
    assertThat(error.path("data").path("correlationId").asString()).hasSize(36);
    assertThat(response.body()).doesNotContain("secret").doesNotContain("Exception");
  }

  @Test
  void anAttemptThatFailedIsForAnotherOrigin() throws IOException, InterruptedException {
    HttpResponse<String> response = post(Requests.call(LAST, "away", "{}").toString());
    assertThat(response.statusCode()).isEqualTo(503);
    assertThat(Definitions.json(response.body()).path("id").asInt()).isEqualTo(7);
    assertThat(response.body()).doesNotContain("secret").doesNotContain("Exception");
  }

  @Test
  void anAttemptWithoutAConnectionWasNotRun() throws IOException, InterruptedException {
    HttpResponse<String> response = post(Requests.call(LAST, "away", "{\"busy\": 1}").toString());
    assertThat(response.statusCode()).isEqualTo(503);
    assertThat(response.headers().firstValue("X-Not-Run")).hasValue("busy");
    assertThat(response.headers().firstValue("Retry-After")).hasValue("1");
    JsonNode error = Definitions.json(response.body()).path("error");
    assertThat(error.path("data").path("code").asString()).isEqualTo("busy");
    assertThat(response.body()).doesNotContain("secret");
  }

  @Test
  void aRefusalOfAToolIsForTheModelToSee() throws IOException, InterruptedException {
    JsonNode result =
        Definitions.json(post(Requests.call(LAST, "refuse", "{}").toString()).body())
            .path("result");
    assertThat(result.path("isError").asBoolean()).isTrue();
    assertThat(result.path("content").get(0).path("text").asString())
        .isEqualTo("There is no such thing");
  }
}
