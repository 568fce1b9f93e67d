package com.mcpist.origin.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.uuid.Generators;
import com.mcpist.module.Invocation.Attempt;
import com.mcpist.origin.auth.RefusedException;
import com.mcpist.origin.fixture.Definitions;
import com.mcpist.origin.fixture.Requests;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.assertj.core.api.AutoCloseableSoftAssertions;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Which call a request is a sending of, and what its errors say of that. */
final class SendingsTest {
  private static final String LEGACY = "2025-11-25";

  /** An edge's ids: of a call, and of a sending 5 ms later. */
  private static final String CALL = "01a2125b-25e8-7353-b1dd-1ab07c03a0d1";

  private static final String SENDING = "01a2125b-25ed-7353-b1dd-1ab07c03a0d1";
  private static final String KEY = "com.mcpist/idempotency-key";
  private static final Duration QUARTER = Duration.ofMinutes(15);

  private static TestOrigin origin;

  @BeforeAll
  static void start() {
    origin = new TestOrigin();
  }

  @AfterAll
  static void stop() {
    origin.close();
  }

  @AfterEach
  void letIn() {
    origin.admission.set((user, attempt, calls) -> () -> {});
  }

  private static ObjectNode call(String key) {
    return call("echo", key);
  }

  private static ObjectNode call(String tool, String key) {
    ObjectNode call = Requests.call(LEGACY, tool, "{}");
    if (!key.isEmpty()) {
      ((ObjectNode) call.path("params")).putObject("_meta").put(KEY, key);
    }
    return call;
  }

  private static HttpRequest.Builder post(JsonNode body, String header) {
    HttpRequest.Builder request =
        origin
            .post(LEGACY, Requests.call(LEGACY, "echo", "{}"))
            .POST(HttpRequest.BodyPublishers.ofString(body.toString()))
            .header("X-Call-Id", SENDING);
    return header.isEmpty() ? request : request.header("Idempotency-Key", header);
  }

  @ParameterizedTest
  @CsvSource({
    "'', '', " + SENDING + ", false, 2",
    "'', mine, mine, true, 2",
    "'', mcpist-" + CALL + ", " + CALL + ", false, 322",
    "mine, mcpist-" + CALL + ", mine, true, 2",
    "mcpist-" + CALL + ", mine, " + CALL + ", false, 322",
    "'', mcpist-mine, mcpist-mine, true, 2",
  })
  void aKeyNamesTheCall(String meta, String header, String id, boolean clients, int number)
      throws Exception {
    origin.send(post(call(meta), header).header("X-Attempt", "2"));

    Attempt attempt = origin.runner.attempts().getLast();
    assertThat(attempt.key()).isEqualTo(new Attempt.Key("local", id, 0, clients));
    assertThat(attempt.number()).isEqualTo(number);
    assertThat(attempt.sending()).isEqualTo(new Attempt.Sending(SENDING, 0, 2));
  }

  @Test
  void ofABatchEachCallHasItsOwn() throws Exception {
    JsonNode batch =
        JsonMapper.shared()
            .createArrayNode()
            .add(call(""))
            .add(call("mine"))
            .add(call("mcpist-" + CALL));

    origin.send(post(batch, "").setHeader("MCP-Protocol-Version", "2025-03-26"));

    List<Attempt> all = origin.runner.attempts();
    assertThat(all.subList(all.size() - 3, all.size()).stream().map(Attempt::key))
        .containsExactly(
            new Attempt.Key("local", SENDING, 0, false),
            new Attempt.Key("local", "mine", 1, true),
            new Attempt.Key("local", CALL, 2, false));
  }

  @Test
  void aKeyThatIsNoneIsRefused() throws Exception {
    int before = origin.runner.attempts().size();
    for (String key : List.of("a b", "é", "x".repeat(256))) {
      HttpResponse<String> response = origin.send(post(call(key), ""));
      assertThat(response.statusCode()).as(key).isEqualTo(400);
      assertThat(response.body()).contains("\"id\":7", KEY);
    }
    ObjectNode number = call("");
    ((ObjectNode) number.path("params")).putObject("_meta").put(KEY, 1);
    assertThat(origin.send(post(number, "")).statusCode()).isEqualTo(400);
    assertThat(origin.runner.attempts()).hasSize(before);
  }

  @Test
  void theExtensionIsAdvertised() throws Exception {
    ObjectNode discover = Requests.request(Requests.MODERN, "server/discover", "{}");

    JsonNode result = origin.answer(Requests.MODERN, discover).path("result");

    assertThat(result.path("capabilities").path("extensions"))
        .isEqualTo(Definitions.json("{\"com.mcpist/idempotency\": {}}"));
  }

  /**
   * This origin does not offer the tool {@code elsewhere}, as an origin of an older release, or one
   * whose mounted server is still starting. Its tool {@code echo} only reads.
   */
  @Test
  void aNoticeIsRecordedWhateverThisOriginKnowsOfTheTool() throws Exception {
    int before = origin.runner.attempts().size();
    int recorded = origin.runner.undelivered().size();
    String now = Generators.timeBasedEpochGenerator().generate().toString();
    String earlier = Generators.timeBasedEpochGenerator().generate().toString();
    JsonNode batch =
        JsonMapper.shared()
            .createArrayNode()
            .add(call("elsewhere", "mine"))
            .add(Requests.request(LEGACY, "tools/list", "{}"))
            .add(call("elsewhere", ""))
            .add(call("echo", ""))
            .add(call("elsewhere", "mcpist-" + earlier));

    HttpResponse<String> response =
        origin.send(
            post(batch, "")
                .setHeader("X-Call-Id", now)
                .setHeader("MCP-Protocol-Version", "2025-03-26")
                .header("X-Undelivered", "true"));

    assertThat(response.statusCode()).isEqualTo(204);
    assertThat(origin.runner.undelivered().stream().skip(recorded).map(Attempt::key))
        .containsExactly(
            new Attempt.Key("local", now, 2, false),
            new Attempt.Key("local", now, 3, false),
            new Attempt.Key("local", earlier, 4, false));
    assertThat(origin.runner.attempts()).hasSize(before);
  }

  /** A newer release has run the call, and its edge's notice comes to this one. */
  @Test
  void aNoticeOfARevisionThatThisReleaseDoesNotKnowIsRecorded() throws Exception {
    int before = origin.runner.undelivered().size();
    ObjectNode call = call("elsewhere", "");
    ((ObjectNode) call.path("params"))
        .putObject("_meta")
        .put("io.modelcontextprotocol/protocolVersion", "2099-01-01");

    HttpResponse<String> response =
        origin.send(
            post(call, "")
                .setHeader("MCP-Protocol-Version", "2099-01-01")
                .header("X-Undelivered", "true"));

    assertThat(response.statusCode()).isEqualTo(204);
    assertThat(origin.runner.undelivered()).hasSize(before + 1);
  }

  /** An edge takes a status below 300 for a record, and tells the client that it may call again. */
  @Test
  void aNoticeThatIsTooOldToBeRecordedIsNotAcknowledged() throws Exception {
    int recorded = origin.runner.undelivered().size();
    ObjectNode invalid = call("elsewhere", "");
    ((ObjectNode) invalid.path("params")).put("arguments", "x");
    JsonNode batch =
        JsonMapper.shared()
            .createArrayNode()
            .add(invalid)
            .add(call("elsewhere", "mcpist-" + CALL))
            .add(call("elsewhere", ""))
            .add(invalid);

    HttpResponse<String> response =
        origin.send(
            post(batch, "")
                .setHeader("MCP-Protocol-Version", "2025-03-26")
                .header("X-Undelivered", "true"));

    assertThat(response.statusCode()).isEqualTo(410);
    assertThat(response.headers().firstValue("X-Ledger")).contains("kept");
    assertThat(response.body()).contains("outcome_unknown", "no longer known");
    assertThat(origin.runner.undelivered().stream().skip(recorded).map(Attempt::key))
        .as("the others of the batch are recorded")
        .containsExactly(new Attempt.Key("local", SENDING, 2, false));
  }

  /** JSON-RPC has errors with status 200, which an edge would take for a record. */
  @ParameterizedTest
  @ValueSource(strings = {"2025-03-26", "2025-11-25", "2026-07-28"})
  void aNoticeOfACallThatIsNotValidIsNotAcknowledged(String revision) throws Exception {
    ObjectNode invalid = call("elsewhere", "");
    ((ObjectNode) invalid.path("params")).put("arguments", "x");

    HttpResponse<String> response =
        origin.send(
            post(invalid, "")
                .setHeader("MCP-Protocol-Version", revision)
                .header("X-Undelivered", "true"));

    assertThat(response.statusCode()).isBetween(400, 499);
    assertThat(response.headers().firstValue("X-Ledger")).contains("kept");
  }

  /** The edge's clock may be far behind the database's, by which the origin judges ids. */
  @Test
  void aNoticeOfACallsOwnSendingIsRecordedHoweverOldItsIdIs() throws Exception {
    int before = origin.runner.undelivered().size();

    HttpResponse<String> response =
        origin.send(post(call("elsewhere", ""), "").header("X-Undelivered", "true"));

    assertThat(response.statusCode()).isEqualTo(204);
    assertThat(origin.runner.undelivered().subList(before, origin.runner.undelivered().size()))
        .extracting(Attempt::key)
        .containsExactly(new Attempt.Key("local", SENDING, 0, false));
  }

  /** PostgreSQL could not keep such a name, and an edge would ask again for a minute. */
  @ParameterizedTest
  @MethodSource
  void aNoticeOfANameThatNoToolCanHaveIsNotRecorded(String name) throws Exception {
    int before = origin.runner.undelivered().size();
    ObjectNode call = Requests.call(LEGACY, "echo", "{}");
    ((ObjectNode) call.path("params")).put("name", name);

    HttpResponse<String> response = origin.send(post(call, "").header("X-Undelivered", "true"));

    assertThat(response.statusCode()).isEqualTo(204);
    assertThat(origin.runner.undelivered()).hasSize(before);
  }

  static Stream<String> aNoticeOfANameThatNoToolCanHaveIsNotRecorded() {
    return Stream.of("t".repeat(256), "a\0b", "");
  }

  @Test
  void anInvalidCallOfABatchDoesNotKeepTheOthersFromBeingRecorded() throws Exception {
    int before = origin.runner.undelivered().size();
    ObjectNode invalid = call("elsewhere", "");
    ((ObjectNode) invalid.path("params")).put("arguments", "x");
    JsonNode batch = JsonMapper.shared().createArrayNode().add(invalid).add(call("elsewhere", ""));

    HttpResponse<String> response =
        origin.send(
            post(batch, "")
                .setHeader("MCP-Protocol-Version", "2025-03-26")
                .header("X-Undelivered", "true"));

    assertThat(response.statusCode()).isEqualTo(400);
    assertThat(origin.runner.undelivered()).hasSize(before + 1);
  }

  @Test
  void aNoticeThatIsNoRequestIsRefused() throws Exception {
    HttpResponse<String> response =
        origin.send(
            post(call(""), "")
                .header("X-Undelivered", "true")
                .POST(HttpRequest.BodyPublishers.ofString("{")));
    assertThat(response.statusCode()).isEqualTo(400);
  }

  static Stream<JsonNode> vectors() {
    Path folder = Path.of(System.getProperty("mcpist.root"), "contract", "errors");
    return JsonMapper.shared()
        .readTree(folder.resolve("calls.json").toFile())
        .valueStream()
        .filter(v -> v.path("at").valueStream().anyMatch(at -> at.asString().equals("origin")));
  }

  @ParameterizedTest
  @MethodSource("vectors")
  void anErrorSaysWhatIsKnown(JsonNode vector) throws Exception {
    String body = vector.path("request").toString().replace("\"save\"", "\"forgotten\"");
    if (vector.path("outcome").asString().equals("refused")) {
      RefusedException refusal =
          new RefusedException(429, "rate_limited", "Too many requests.", Map.of());
      origin.admission.set(
          (user, attempt, calls) -> {
            if (attempt == 1) {
              throw refusal;
            }
            return () -> {};
          });
    }

    HttpResponse<String> response =
        origin.send(
            post(call(""), vector.path("header").asString(""))
                .POST(HttpRequest.BodyPublishers.ofString(body)));

    JsonNode expected = vector.path("errors").get(0);
    JsonNode answer = Definitions.json(response.body());
    JsonNode data = answer.path("error").path("data");
    try (AutoCloseableSoftAssertions softly = new AutoCloseableSoftAssertions()) {
      softly.assertThat(response.statusCode()).isEqualTo(vector.path("status").asInt());
      softly.assertThat(answer.path("id")).isEqualTo(expected.path("id"));
      softly.assertThat(answer.path("error").path("code").asInt()).isEqualTo(-32000);
      softly.assertThat(answer.path("error").path("message")).isEqualTo(expected.path("message"));
      softly.assertThat(data.path("callId").asString()).isEqualTo(SENDING);
      softly
          .assertThat(data.propertyNames())
          .containsExactlyInAnyOrderElementsOf(
              Stream.concat(Stream.of("callId"), expected.path("data").propertyNames().stream())
                  .toList());
    }
    expected
        .path("data")
        .properties()
        .forEach(field -> assertField(field.getValue().asString(), data.path(field.getKey())));
  }

  private static void assertField(String expected, JsonNode field) {
    switch (expected) {
      case "{callId + 15 min}" ->
          assertThat(field.asString()).isEqualTo(Attempt.until(SENDING).toString());
      case "{now + 24 h}" ->
          assertThat(Duration.between(Instant.now(), Instant.parse(field.asString())))
              .isBetween(Duration.ofHours(24).minus(QUARTER), Duration.ofHours(24));
      default -> assertThat(field.asString()).isEqualTo(expected.replace("{callId}", SENDING));
    }
  }

  /** A caller who was let in for the first attempt may be refused for the second. */
  @ParameterizedTest
  @CsvSource({"1, '', none", "2, '', possible", "1, mine, possible"})
  void aCallerThatIsNobodyAnyMoreIsNotToldThatNothingWasDone(
      String attempt, String key, String effect) throws Exception {
    HttpResponse<String> response =
        origin.send(
            post(call(""), key).setHeader("X-User-Id", "key:x").header("X-Attempt", attempt));

    assertThat(response.statusCode()).isEqualTo(401);
    assertThat(Definitions.json(response.body()).path("error").path("data").path("effect"))
        .hasToString("\"" + effect + "\"");
  }

  @Test
  void anAttemptThatFailedMayHaveBeenDone() throws Exception {
    ObjectNode away = Requests.call(LEGACY, "away", "{}");

    HttpResponse<String> response = origin.send(post(away, "mine"));

    assertThat(response.statusCode()).isEqualTo(503);
    JsonNode error = Definitions.json(response.body()).path("error");
    assertThat(error.path("message").asString()).contains("Call again with the same key");
    assertThat(error.path("data").path("effect").asString()).isEqualTo("possible");
  }
}
