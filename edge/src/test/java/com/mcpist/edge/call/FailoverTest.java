package com.mcpist.edge.call;

import static com.mcpist.edge.fixture.TestEdge.ANSWER;
import static com.mcpist.edge.fixture.TestEdge.CALL;
import static com.mcpist.testkit.Behaviour.answer;
import static com.mcpist.testkit.Behaviour.ofLedger;
import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.edge.fixture.TestEdge;
import com.mcpist.edge.fixture.TestOrigins;
import com.mcpist.edge.pool.Origins.Failure;
import com.mcpist.testkit.Behaviour;
import com.mcpist.testkit.Behaviour.Answer;
import com.mcpist.testkit.Behaviour.Ending;
import com.mcpist.testkit.Conditions;
import com.mcpist.testkit.HttpMessage;
import com.mcpist.testkit.RawHttp;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class FailoverTest {
  private static final Answer WHOLE = answer(200, ANSWER);
  private static final Answer NO_ROOM =
      new Answer(503, Map.of("X-Not-Run", "overloaded"), new byte[0]);

  private static final String LONG_ANSWER = ANSWER + " ".repeat(2_000);

  /**
   * An answer that takes 1.4 s, while the edge takes an origin for a silent one after 1 s without a
   * byte. The first piece holds the whole head, because the edge notices a head only when it is
   * complete.
   */
  private static final Behaviour SLOW =
      Behaviour.drip(answer(200, LONG_ANSWER), 150, Duration.ofMillis(100));

  private final TestEdge edge = TestEdge.start();

  @AfterEach
  void stop() throws IOException {
    edge.close();
  }

  @Test
  void theFirstHealthyOriginAnswers() throws IOException {
    edge.first.always(WHOLE);
    HttpMessage response = edge.call();
    assertThat(response.status()).isEqualTo(200);
    assertThat(response.text()).isEqualTo(ANSWER);
    assertThat(response.header("X-Served-By")).contains("origin-1");
    assertThat(response.header("X-Attempts")).contains("1");
    assertThat(edge.second.requests()).isEmpty();
  }

  static Stream<Arguments> faults() {
    return Stream.of(
        Arguments.of("reset before the response", Behaviour.resetBefore(), Failure.RESET),
        Arguments.of("closed before the response", Behaviour.closeBefore(), Failure.RESET),
        Arguments.of("reset in the body", Behaviour.resetInBody(WHOLE), Failure.RESET),
        Arguments.of("closed in the body", Behaviour.closeInBody(WHOLE), Failure.RESET),
        Arguments.of("silent", Behaviour.silent(), Failure.SILENT),
        Arguments.of("silent in the body", Behaviour.silentInBody(WHOLE), Failure.SILENT),
        Arguments.of("500", Behaviour.status(500), Failure.SERVER_ERROR),
        Arguments.of("502", Behaviour.status(502), Failure.SERVER_ERROR),
        Arguments.of("503", Behaviour.status(503), Failure.SERVER_ERROR),
        Arguments.of("504", Behaviour.status(504), Failure.SERVER_ERROR));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("faults")
  void anAttemptThatFailsIsSentToTheNextOrigin(String name, Behaviour fault, Failure failure)
      throws IOException {
    edge.first.always(fault);
    edge.second.always(WHOLE);
    HttpMessage response = edge.call();
    assertThat(response.status()).isEqualTo(200);
    assertThat(response.text()).isEqualTo(ANSWER);
    assertThat(response.header("X-Served-By")).contains("origin-2");
    assertThat(response.header("X-Attempts")).contains("2");
    assertThat(edge.origins.failures).containsExactly(new TestOrigins.Told("origin-1", failure));
    HttpMessage one = edge.first.requests().getFirst();
    HttpMessage two = edge.second.requests().getFirst();
    assertThat(two.text()).isEqualTo(CALL).isEqualTo(one.text());
    assertThat(two.header("X-Call-Id")).isEqualTo(one.header("X-Call-Id"));
    assertThat(one.header("X-Attempt")).contains("1");
    assertThat(two.header("X-Attempt")).contains("2");
  }

  @Test
  void aRefusedConnectionIsNoDelivery() throws IOException {
    edge.first.refuse();
    edge.second.always(WHOLE);
    assertThat(edge.call().text()).isEqualTo(ANSWER);
    assertThat(edge.origins.failures)
        .containsExactly(new TestOrigins.Told("origin-1", Failure.REFUSED));
  }

  @Test
  void anAttemptThatWasNotRunDoesNotMakeTheNextOneALaterOne() throws IOException {
    edge.first.next(NO_ROOM).next(NO_ROOM).always(WHOLE);
    edge.second.next(NO_ROOM).next(Behaviour.status(500)).always(NO_ROOM);
    HttpMessage response = edge.call();
    assertThat(response.text()).isEqualTo(ANSWER);
    assertThat(response.header("X-Attempts")).contains("5");
    assertThat(edge.first.requests())
        .extracting(request -> request.header("X-Attempt").orElseThrow())
        .containsExactly("1", "1", "2");
    assertThat(edge.second.requests())
        .extracting(request -> request.header("X-Attempt").orElseThrow())
        .containsExactly("1", "1");
  }

  @Test
  void aLostHeartbeatGivesUpTheCallsInFlight() throws Exception {
    edge.first.always(Behaviour.silent());
    edge.second.always(WHOLE);
    try (RawHttp client = RawHttp.connect(edge.server.port())) {
      client.send(RawHttp.post("/mcp", "", CALL));
      Conditions.await("the call is at the origin", () -> !edge.first.requests().isEmpty());
      edge.origins.lose();
      assertThat(client.read().text()).isEqualTo(ANSWER);
    }
    assertThat(edge.origins.failures).isEmpty();
    Conditions.await("its connection is closed", () -> edge.first.openConnections() == 0);
  }

  @Test
  void anOriginThatIsSlowButNotSilentIsWaitedFor() throws IOException {
    edge.first.always(SLOW);
    HttpMessage response = edge.call();
    assertThat(response.text()).isEqualTo(LONG_ANSWER);
    assertThat(response.header("X-Attempts")).contains("1");
  }

  @Test
  void aJumpOfTheMachinesClockEndsNoCall() throws IOException {
    edge.first.handle(
        request -> {
          edge.wallAhead.set(Duration.ofHours(1).toMillis());
          return SLOW;
        });
    HttpMessage response = edge.call();
    assertThat(response.text()).isEqualTo(LONG_ANSWER);
    assertThat(response.header("X-Attempts")).contains("1");
  }

  /** The ledger judges by the database's clock how old a call is. */
  @Test
  void theTimeInACallsIdIsTheDatabases() throws IOException {
    edge.first.always(WHOLE);
    long before = edge.clock.millis() - Duration.ofHours(1).toMillis();
    edge.clock.tell(before);
    edge.wallAhead.set(Duration.ofHours(1).toMillis());
    edge.call();
    String id = edge.first.requests().getFirst().header("X-Call-Id").orElseThrow();
    assertThat(UUID.fromString(id).getMostSignificantBits() >>> 16)
        .isBetween(before, edge.clock.millis());
  }

  @Test
  void aKeptConnectionThatWasClosedSaysNothingOfHealth() throws IOException {
    edge.first.always(WHOLE);
    // One client's connection, so that its calls share the edge's connections to the origin.
    try (RawHttp client = RawHttp.connect(edge.server.port())) {
      client.send(RawHttp.post("/mcp", "", CALL)).read();
      edge.first.next(Behaviour.resetBefore());
      HttpMessage response = client.send(RawHttp.post("/mcp", "", CALL)).read();
      assertThat(response.text()).isEqualTo(ANSWER);
      assertThat(response.header("X-Attempts")).contains("2");
    }
    assertThat(edge.first.requests()).hasSize(3);
    assertThat(edge.origins.failures).isEmpty();
  }

  @Test
  void originsThatComeBackInTimeAreWaitedFor() throws Exception {
    edge.first.refuse();
    edge.second.refuse();
    try (RawHttp client = RawHttp.connect(edge.server.port())) {
      client.send(RawHttp.post("/mcp", "", CALL));
      Conditions.await("both were tried", () -> edge.origins.failures.size() >= 2);
      edge.second.always(WHOLE);
      edge.second.listen();
      assertThat(client.read().text()).isEqualTo(ANSWER);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {400, 401, 403, 404, 413, 429})
  void aRefusalAfterAnAttemptThatMayHaveRunIsNotTheAnswer(int status) throws IOException {
    edge.first.next(Behaviour.resetBefore()).always(ofLedger(status, "{}"));
    edge.second.always(ofLedger(status, "{}"));
    HttpMessage response = edge.call();
    assertThat(response.status()).isEqualTo(200);
    assertThat(response.text()).contains("outcome_unknown");
    assertThat(edge.origins.failures).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(ints = {200, 204, 302, 400, 401, 403, 404, 413, 429})
  void anAnswerOfSomethingInTheOriginsPlaceIsNotTheCalls(int status) throws IOException {
    edge.first.always(Behaviour.inItsPlace(status, "<html>This service is stopped</html>"));
    edge.second.always(WHOLE);
    HttpMessage response = edge.call();
    assertThat(response.text()).isEqualTo(ANSWER);
    assertThat(response.header("X-Served-By")).contains("origin-2");
    assertThat(edge.origins.failures).as("the probes find it out").isEmpty();
  }

  @Test
  void aKeyGoesToTheOriginsAsItIs() throws IOException {
    edge.first.always(WHOLE);
    String callId = "01a2125b-25e8-7353-b1dd-1ab07c03a0d1";
    edge.call("Idempotency-Key: mcpist-" + callId);
    HttpMessage request = edge.first.requests().getFirst();
    assertThat(request.header("X-Call-Id").orElseThrow()).isNotEqualTo(callId);
    assertThat(request.header("Idempotency-Key")).contains("mcpist-" + callId);
    assertThat(request.header("X-Attempt")).contains("1");
  }

  @Test
  void anOriginsOwnRefusalIsReadByEveryClient() throws IOException {
    String refusal = "{\"jsonrpc\":\"2.0\",\"id\":7,\"error\":{\"code\":-32000}}";
    edge.first.next(ofLedger(429, refusal)).always(ofLedger(429, "{\"error\":\"not JSON-RPC\"}"));
    HttpMessage response = edge.call();
    assertThat(response.status()).isEqualTo(200);
    assertThat(response.text()).isEqualTo(refusal);
    assertThat(edge.call().status()).isEqualTo(429);
  }

  @Test
  void aServerErrorOfAllOriginsIsNotPassedOn() throws IOException {
    edge.first.always(answer(500, "java.lang.NullPointerException"));
    edge.second.always(answer(500, "java.lang.NullPointerException"));
    HttpMessage response = edge.call();
    assertThat(response.text()).contains("outcome_unknown").doesNotContain("java.lang");
  }

  static Stream<Answer> notRun() {
    Answer busy = new Answer(503, Map.of("X-Not-Run", "busy", "Retry-After", "1"), new byte[0]);
    return Stream.of(NO_ROOM, busy, new Answer(403, Map.of("X-Not-Run", "forbidden"), new byte[0]));
  }

  @ParameterizedTest
  @MethodSource("notRun")
  void anOriginThatDidNotTakeACallIsWell(Answer notRun) throws IOException {
    edge.first.next(notRun).always(WHOLE);
    edge.second.always(WHOLE);
    HttpMessage response = edge.call();
    assertThat(response.text()).isEqualTo(ANSWER);
    assertThat(response.header("X-Served-By")).contains("origin-2");
    assertThat(edge.origins.failures).isEmpty();
    assertThat(edge.call().header("X-Served-By")).contains("origin-1");
  }

  @ParameterizedTest
  @MethodSource("notRun")
  void aCallThatNoOriginTookHadNoEffect(Answer notRun) throws IOException {
    edge.first.always(notRun);
    edge.second.always(notRun);
    HttpMessage response = edge.call();
    assertThat(response.header("Retry-After")).isPresent();
    assertThat(response.text()).contains("origin_unavailable", "\"effect\":\"none\"");
    assertThat(edge.first.requests()).hasSizeGreaterThan(1);
    assertThat(edge.origins.failures).isEmpty();
  }

  @Test
  void anUnfinishedAnswerOfAClosedStreamIsAskedForAgain() throws IOException {
    edge.first.always(Behaviour.sse(Ending.COMPLETE));
    edge.second.always(WHOLE);
    assertThat(edge.call().text()).contains("data: " + ANSWER);
  }

  @Test
  void clientErrorsAreAnswers() throws IOException {
    edge.first.always(ofLedger(400, "{}"));
    HttpMessage response = edge.call();
    assertThat(response.status()).isEqualTo(400);
    assertThat(response.header("X-Attempts")).contains("1");
  }
}
