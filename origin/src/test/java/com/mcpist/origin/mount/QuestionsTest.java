package com.mcpist.origin.mount;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.origin.fixture.Definitions;
import com.mcpist.origin.fixture.Requests;
import com.mcpist.testkit.TestDatabase;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** A mounted server asks the client something while it works. */
final class QuestionsTest {
  private TestDatabase database;
  private MountedOrigin origin;
  private Path folder;

  // JUnit calls start before anything else.
  @SuppressWarnings("NullAway.Init")
  QuestionsTest() {}

  @BeforeEach
  void start(@TempDir Path temporary) throws Exception {
    folder = temporary;
    database = TestDatabase.create();
    origin = another();
  }

  @AfterEach
  void stop() throws Exception {
    origin.close();
    database.close();
  }

  private MountedOrigin another() {
    return MountedOrigin.start(database, "small", MountedOrigin.entry(folder, "{}"));
  }

  private List<String> acts() throws Exception {
    return Files.readAllLines(folder.resolve("acts"));
  }

  /** The request of the next round, with what a person has chosen. */
  private static ObjectNode answered(ObjectNode request, JsonNode asked) {
    ObjectNode next = request.deepCopy();
    ObjectNode params = (ObjectNode) next.path("params");
    params.set("requestState", asked.path("requestState"));
    params.putObject("inputResponses").putObject("question").put("action", "accept");
    return next;
  }

  private static JsonNode result(MountedOrigin at, String key, ObjectNode request)
      throws Exception {
    var post = at.post("ann", Requests.MODERN, request);
    return at.answer(key.isEmpty() ? post : post.header("Idempotency-Key", key)).path("result");
  }

  private static String text(JsonNode result) {
    return result.at("/content/0/text").asString(result.toString());
  }

  @Test
  void theRequestStaysOpenUntilTheAnswerComes() throws Exception {
    ObjectNode request = Requests.call(Requests.MODERN, "small_ask", "{}");
    JsonNode asked = result(origin, "", request);
    assertThat(asked.path("resultType").asString()).isEqualTo("input_required");
    assertThat(asked.at("/inputRequests/question/method").asString())
        .isEqualTo("elicitation/create");
    assertThat(asked.at("/inputRequests/question/params/message").asString()).isEqualTo("Really?");
    assertThat(acts()).containsExactly("before");

    assertThat(text(result(origin, "", answered(request, asked))))
        .isEqualTo("answer accept after 1");

    assertThat(acts()).containsExactly("before", "after");
  }

  @Test
  void withoutItsAnswerItIsAskedAgain() throws Exception {
    ObjectNode request = Requests.call(Requests.MODERN, "small_ask_reading", "{}");
    JsonNode asked = result(origin, "", request);
    ObjectNode silent = answered(request, asked);
    ((ObjectNode) silent.path("params")).remove("inputResponses");

    JsonNode again = result(origin, "", silent);

    assertThat(again.path("inputRequests")).isEqualTo(asked.path("inputRequests"));
    assertThat(text(result(origin, "", answered(request, again)))).contains("answer accept");
    assertThat(acts()).containsExactly("before", "after");
  }

  @Test
  void underAKeyEachRoundIsRunOnce() throws Exception {
    ObjectNode request = Requests.call(Requests.MODERN, "small_ask", "{}");
    JsonNode asked = result(origin, "k", request);
    JsonNode askedAgain = result(origin, "k", request);
    assertThat(askedAgain.path("inputRequests")).isEqualTo(asked.path("inputRequests"));

    ObjectNode answer = answered(request, asked);
    String first = text(result(origin, "k", answer));
    String second = text(result(origin, "k", answer));

    assertThat(first).isEqualTo("answer accept after 1");
    assertThat(second).isEqualTo(first);
    assertThat(acts()).containsExactly("before", "after");
  }

  @Test
  void atAnotherOriginOnlyWhatMayRunAgainDoes() throws Exception {
    ObjectNode reads = Requests.call(Requests.MODERN, "small_ask_reading", "{}");
    ObjectNode act = Requests.call(Requests.MODERN, "small_ask", "{}");
    try (MountedOrigin other = another()) {
      JsonNode askedToRead = result(origin, "", reads);
      assertThat(text(result(other, "", answered(reads, askedToRead))))
          .as("its question is answered by what the client has answered")
          .isEqualTo("answer accept after 1");
      assertThat(acts()).containsExactly("before", "before", "after");
    }
    origin.close();
    origin = another();
    JsonNode askedToAct = result(origin, "", act);
    try (MountedOrigin other = another()) {
      JsonNode told = result(other, "", answered(act, askedToAct));

      assertThat(told.path("isError").asBoolean()).isTrue();
      assertThat(text(told)).contains("may have acted before it asked", "not run again");
    }
    // The server may have been told that the question is cancelled, since its origin was closed.
    assertThat(acts())
        .filteredOn(done -> !done.equals("cancelled"))
        .containsExactly("before", "before", "after", "before");
  }

  @Test
  void aServerThatDiesAfterTheAnswerIsAskedAgainOnlyToRead() throws Exception {
    String then = "{\"then\":\"die\"}";
    ObjectNode act = Requests.call(Requests.MODERN, "small_ask", then);
    JsonNode asked = result(origin, "", act);

    assertThat(text(result(origin, "", answered(act, asked))))
        .contains("outcome of this call is unknown");
    assertThat(acts()).containsExactly("before");
  }

  /** The second call of small_die_once ends the process, and is sent to the next one. */
  @Test
  void aServerThatDiesBeforeTheAnswerIsAskedAgainOnlyToRead() throws Exception {
    for (String tool : List.of("small_ask", "small_ask_reading")) {
      Files.deleteIfExists(folder.resolve("acts"));
      ObjectNode call = Requests.call(Requests.MODERN, tool, "{}");
      JsonNode asked = result(origin, "", call);
      ObjectNode dies = Requests.call(Requests.MODERN, "small_die_once", "{}");
      assertThat(text(result(origin, "", dies))).isEqualTo("lived");

      String told = text(result(origin, "", answered(call, asked)));

      boolean reads = tool.endsWith("reading");
      assertThat(told)
          .contains(reads ? "answer accept after 1" : "outcome of this call is unknown");
      assertThat(acts())
          .filteredOn(done -> !done.equals("died"))
          .isEqualTo(reads ? List.of("before", "before", "after") : List.of("before"));
    }
  }

  @Test
  void aClientThatCannotBeAskedIsNotAndTheServerIsTold() throws Exception {
    ObjectNode request = Requests.call(Requests.MODERN, "small_ask", "{}");
    ObjectNode meta = (ObjectNode) request.at("/params/_meta");
    meta.set("io.modelcontextprotocol/clientCapabilities", Definitions.json("{\"sampling\":{}}"));

    assertThat(text(result(origin, "", request))).isEqualTo("answer error after 1");
    assertThat(
            MountedOrigin.text(
                origin.answer(
                    origin.post(
                        "ann",
                        MountedOrigin.LEGACY,
                        Requests.call(MountedOrigin.LEGACY, "small_ask", "{}")))))
        .isEqualTo("answer error after 2");
  }

  /** A question occupies its share of the budget for requests until the client answers. */
  @Test
  void aLargeQuestionIsNotAskedAndTheServerIsTold() throws Exception {
    ObjectNode large = Requests.call(Requests.MODERN, "small_ask", "{\"padding\":200000}");

    assertThat(text(result(origin, "", large))).isEqualTo("answer error after 1");
  }

  private static OpenStream open(MountedOrigin at, String session, String key, ObjectNode request)
      throws Exception {
    return new OpenStream(
        at.post("ann", MountedOrigin.LEGACY, request)
            .header("Mcp-Session-Id", session)
            .header("Idempotency-Key", key)
            .build());
  }

  @Test
  void aClientOfAnOlderRevisionAnswersToAnyOriginWhileItsCallWaits() throws Exception {
    ObjectNode request = Requests.call(MountedOrigin.LEGACY, "small_ask", "{}");
    String session = origin.session("{\"elicitation\":{}}");
    try (MountedOrigin other = another();
        OpenStream call = open(origin, session, "k", request)) {
      JsonNode question = call.next();
      assertThat(question.path("method").asString()).isEqualTo("elicitation/create");
      assertThat(question.at("/params/message").asString()).isEqualTo("Really?");

      assertThat(other.tell("bob", question, "{\"result\":{\"action\":\"decline\"}}"))
          .isEqualTo(202);
      assertThat(other.tell("ann", question, "{\"result\":{\"action\":\"accept\"}}"))
          .isEqualTo(202);

      assertThat(MountedOrigin.text(call.next())).isEqualTo("answer accept after 1");
      try (OpenStream again = open(other, session, "k", request)) {
        other.tell("ann", again.next(), "{\"result\":{\"action\":\"cancel\"}}");
        assertThat(MountedOrigin.text(again.next()))
            .as("from the ledger")
            .contains("accept after 1");
      }
    }
    assertThat(acts()).containsExactly("before", "after");
  }

  @Test
  void aServerIsToldOfAClientsError() throws Exception {
    ObjectNode request = Requests.call(MountedOrigin.LEGACY, "small_ask_reading", "{}");
    try (OpenStream call = open(origin, origin.session("{\"elicitation\":{}}"), "k", request)) {
      origin.tell("ann", call.next(), "{\"error\":{\"code\":-1,\"message\":\"Nobody is here\"}}");

      assertThat(MountedOrigin.text(call.next())).isEqualTo("answer error after 1");
    }
  }

  @Test
  void whileOneWaitsNoOtherOfTheSameProcessIsAsked() throws Exception {
    ObjectNode first = Requests.call(Requests.MODERN, "small_ask_reading", "{}");
    JsonNode asked = result(origin, "", first);

    ObjectNode second = Requests.call(Requests.MODERN, "small_ask_reading", "{\"n\":2}");
    assertThat(text(result(origin, "", second))).isEqualTo("answer error after 1");

    assertThat(text(result(origin, "", answered(first, asked)))).isEqualTo("answer accept after 2");
  }
}
