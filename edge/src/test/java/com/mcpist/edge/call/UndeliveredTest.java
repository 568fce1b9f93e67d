package com.mcpist.edge.call;

import static com.mcpist.edge.fixture.TestEdge.ANSWER;
import static com.mcpist.edge.fixture.TestEdge.CALL;
import static com.mcpist.testkit.Behaviour.answer;
import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.edge.fixture.TestEdge;
import com.mcpist.testkit.Behaviour;
import com.mcpist.testkit.Behaviour.Ending;
import com.mcpist.testkit.Conditions;
import com.mcpist.testkit.HttpMessage;
import com.mcpist.testkit.RawHttp;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests of which calls an origin is told that their clients have no answer. */
class UndeliveredTest {
  private static final String MODERN = "MCP-Protocol-Version: 2026-07-28";
  private static final String AGAIN = CALL.replace("7", "18");
  private static final String OTHER = AGAIN.replace("save", "search");
  private static final Behaviour KNOWN =
      new Behaviour.Answer(204, Map.of("X-Ledger", "kept"), new byte[0]);
  private static final String PROGRESS =
      "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/message\",\"params\":{}}";

  private final TestEdge edge = TestEdge.start();

  @AfterEach
  void stop() throws IOException {
    edge.close();
  }

  /** Sets what the first origin does with calls. It takes notices. */
  private void calls(Function<HttpMessage, Behaviour> behaviour) {
    edge.first.handle(request -> isNotice(request) ? KNOWN : behaviour.apply(request));
  }

  private void calls(Behaviour behaviour) {
    calls(request -> behaviour);
  }

  private static boolean isNotice(HttpMessage request) {
    return request.header("X-Undelivered").filter("true"::equals).isPresent();
  }

  private List<HttpMessage> notices() {
    return Stream.of(edge.first, edge.second)
        .flatMap(origin -> origin.requests().stream())
        .filter(UndeliveredTest::isNotice)
        .toList();
  }

  private void assertToldOf(HttpMessage call) {
    Conditions.await("an origin is told", () -> !notices().isEmpty());
    assertThat(notices())
        .singleElement()
        .satisfies(
            notice -> {
              assertThat(notice.text()).isEqualTo(call.text());
              for (String same : List.of("X-Call-Id", "X-User-Id", "X-Gateway-Secret")) {
                assertThat(notice.header(same)).isEqualTo(call.header(same)).isPresent();
              }
              long ends = edge.clock.millis() + edge.config.idleTimeoutMillis();
              assertThat(Long.parseLong(notice.header("X-Deadline").orElseThrow()))
                  .as("an origin that hangs refuses it later")
                  .isLessThanOrEqualTo(ends);
            });
  }

  /**
   * Sends the same call again, on another connection. By then the edge has seen all that went
   * before.
   */
  private void assertToldOfNone() throws IOException {
    calls(answer(200, ANSWER));
    assertThat(edge.post(MODERN, AGAIN).status()).isEqualTo(200);
    assertThat(notices()).isEmpty();
  }

  private RawHttp sent(String headers, String body) throws IOException {
    RawHttp client = RawHttp.connect(edge.server.port()).send(RawHttp.post("/mcp", headers, body));
    Conditions.await("the call is at the origin", () -> !edge.first.requests().isEmpty());
    return client;
  }

  @ParameterizedTest
  @CsvSource({"2026-07-28, false", "2026-07-28, true", "2025-11-25, false", "2025-11-25, true"})
  void oneWhoseClientLeavesBeforeTheAnswer(String revision, boolean reset) throws IOException {
    calls(Behaviour.silent());
    end(sent("MCP-Protocol-Version: " + revision, CALL), reset);
    assertToldOf(edge.first.requests().getFirst());
  }

  @Test
  void oneIsToldWithThoseHeadersAloneByWhichAnOriginKnowsItAgain() throws IOException {
    calls(Behaviour.silent());
    String named = "\nMcp-Method: tools/call\nMcp-Name: save\nAuthorization: Bearer mine";
    String rest = "\nCookie: c\nX-Any: any";
    sent(MODERN + named + rest, CALL).close();
    assertToldOf(edge.first.requests().getFirst());
    HttpMessage notice = notices().getFirst();
    assertThat(notice.header("Mcp-Name")).contains("save");
    assertThat(notice.header("Mcp-Method")).contains("tools/call");
    assertThat(notice.header("MCP-Protocol-Version")).contains("2026-07-28");
    assertThat(notice.header("Authorization")).contains("Bearer mine");
    assertThat(notice.header("Content-Type")).contains("application/json");
    assertThat(notice.header("Cookie")).isEmpty();
    assertThat(notice.header("X-Any")).isEmpty();
  }

  private static void end(RawHttp client, boolean reset) throws IOException {
    if (reset) {
      client.reset();
    } else {
      client.close();
    }
  }

  @Test
  void oneWhoseClientLeavesInTheMiddleOfTheAnswer() throws IOException {
    calls(Behaviour.sse(Ending.SILENCE, PROGRESS));
    RawHttp client = sent(MODERN, CALL);
    assertThat(client.readByte()).isPositive();
    client.close();
    assertToldOf(edge.first.requests().getFirst());
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void ofAStreamThatHasAnsweredOnlyAResetTells(boolean reset) throws IOException {
    calls(Behaviour.sse(Ending.SILENCE, ANSWER));
    RawHttp client = sent(MODERN, CALL);
    StringBuilder read = new StringBuilder();
    while (read.indexOf(ANSWER) < 0) {
      read.append((char) client.readByte());
    }
    end(client, reset);
    if (reset) {
      assertToldOf(edge.first.requests().getFirst());
    } else {
      assertToldOfNone();
    }
  }

  @Test
  void oneWhoseConnectionIsResetAfterTheLastByte() throws IOException {
    calls(answer(200, ANSWER));
    RawHttp client = sent("", CALL);
    assertThat(client.read().text()).isEqualTo(ANSWER);
    client.send(RawHttp.post("/mcp", "", AGAIN));
    Conditions.await("the second is answered", () -> edge.calls.status().calls().answered() == 2);
    edge.settle();
    client.reset();
    assertToldOf(edge.first.requests().getLast());
  }

  @Test
  void oneWhoseClientClosesWithoutHavingReadALongAnswer() throws IOException {
    calls(answer(200, ANSWER + " ".repeat(7_000_000)));
    RawHttp client = sent("", CALL);
    Conditions.await("it is answered", () -> edge.calls.status().calls().answered() == 1);
    edge.settle();
    client.close();
    assertToldOf(edge.first.requests().getFirst());
  }

  @Test
  void noneThatEndedInOrder() throws IOException {
    calls(answer(200, ANSWER));
    try (RawHttp client = sent("", CALL)) {
      assertThat(client.read().text()).isEqualTo(ANSWER);
    }
    assertToldOfNone();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Idempotency-Key: mine-1",
        "Mcp-Method: tools/list",
      })
  void noneThatHasAKeyOrIsNoCall(String header) throws IOException {
    calls(Behaviour.silent());
    sent(MODERN + "\n" + header, CALL).close();
    Conditions.await("the origin is let go", () -> edge.first.openConnections() == 0);
    assertToldOfNone();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"tools/list\"}",
        """
        {"jsonrpc":"2.0","id":7,"method":"tools/call",
         "params":{"name":"save","_meta":{"com.mcpist/idempotency-key":"mine-1"}}}\
        """
      })
  void noneWhoseBodyHasAKeyOrIsNoCall(String body) throws IOException {
    calls(Behaviour.silent());
    sent(MODERN, body).close();
    Conditions.await("the origin is let go", () -> edge.first.openConnections() == 0);
    assertToldOfNone();
  }

  @Test
  void noneThatNoOriginCanHaveSeen() throws IOException {
    edge.first.refuse();
    edge.second.refuse();
    assertThat(edge.call().text()).contains("\"effect\":\"none\"");
    edge.first.listen();
    assertToldOfNone();
  }

  @Test
  void theNextCallWaitsUntilAnOriginKnows() throws Exception {
    AtomicBoolean takesNotices = new AtomicBoolean();
    try (TestEdge patient = TestEdge.start(UndeliveredTest::patient)) {
      patient.second.refuse();
      patient.first.handle(
          request -> {
            if (isNotice(request)) {
              return takesNotices.get() ? KNOWN : Behaviour.status(503);
            }
            return request.text().equals(CALL) ? Behaviour.silent() : answer(200, ANSWER);
          });
      RawHttp leaves = RawHttp.connect(patient.server.port());
      leaves.send(RawHttp.post("/mcp", "", CALL));
      Conditions.await("the call is at the origin", () -> !patient.first.requests().isEmpty());
      leaves.close();
      Conditions.await("it is told", () -> patient.first.requests().size() > 1);
      int before = patient.first.requests().size();
      try (RawHttp client = RawHttp.connect(patient.server.port())) {
        client.send(RawHttp.post("/mcp", "", AGAIN));
        Conditions.await("it is told again", () -> patient.first.requests().size() > before + 1);
        assertThat(patient.first.requests()).noneMatch(request -> request.text().equals(AGAIN));
        takesNotices.set(true);
        assertThat(client.read().text()).isEqualTo(ANSWER);
      }
      List<HttpMessage> last = patient.first.requests();
      assertThat(last.getLast().text()).isEqualTo(AGAIN);
      assertThat(isNotice(last.get(last.size() - 2))).isTrue();
    }
  }

  /**
   * Returns a configuration that holds calls up, and waits for an origin's answer, for longer than
   * a machine stands still.
   */
  private static ProxyConfig patient(ProxyConfig config) {
    return new ProxyConfig(
        config.host(),
        0,
        20_000,
        config.connectTimeoutMillis(),
        20_000,
        config.attemptMillis(),
        config.maxBodyBytes(),
        config.replayBufferBytes(),
        config.clients(),
        config.allowedHosts());
  }

  /** Makes the first origin break the first call off. It would answer any other call. */
  private void takesAllButNotices(Behaviour notices) throws IOException {
    edge.first.handle(
        request -> {
          if (isNotice(request)) {
            return notices;
          }
          return request.text().contains("\"id\":7")
              ? Behaviour.resetBefore()
              : answer(200, ANSWER);
        });
    edge.second.refuse();
  }

  /**
   * The other call does not wait even as long as a call waits for an origin, which is half a minute
   * here.
   */
  @Test
  void anotherCallIsNotHeldUpByNotices() throws Exception {
    try (TestEdge patient = TestEdge.start(UndeliveredTest::patient)) {
      AtomicBoolean entered = new AtomicBoolean();
      patient.second.refuse();
      patient.first.handle(
          request -> {
            if (isNotice(request)) {
              return entered.get() ? KNOWN : Behaviour.status(503);
            }
            return request.text().equals(CALL) ? Behaviour.silent() : answer(200, ANSWER);
          });
      RawHttp leaves = RawHttp.connect(patient.server.port());
      leaves.send(RawHttp.post("/mcp", "", CALL));
      Conditions.await("the call is at the origin", () -> !patient.first.requests().isEmpty());
      leaves.close();
      Conditions.await("it is told", () -> patient.first.requests().size() > 1);
      try (RawHttp client = RawHttp.connect(patient.server.port())) {
        client.send(RawHttp.post("/mcp", "", AGAIN));
        assertThat(patient.post("", OTHER).text()).isEqualTo(ANSWER);
        assertThat(patient.first.requests()).noneMatch(each -> each.text().equals(AGAIN));
        entered.set(true);
        assertThat(client.read().text()).isEqualTo(ANSWER);
      }
    }
  }

  /** If the link to the origin healed just then, both calls would run. */
  @ParameterizedTest
  @MethodSource
  void anEqualCallIsNotSentBeforeAnOriginKnows(String first, String again) throws Exception {
    takesAllButNotices(Behaviour.resetBefore());
    assertThat(edge.post("", first).text()).contains("outcome_unknown");
    for (int i = 0; i < 2; i++) {
      assertThat(edge.post("", again).text())
          .contains("\"code\":\"origin_unavailable\"", "\"effect\":\"possible\"", "Look first")
          .doesNotContain("outcome_unknown", "Nothing was done");
    }
    assertThat(edge.first.requests())
        .filteredOn(request -> request.text().equals(again))
        .allMatch(UndeliveredTest::isNotice);
    takesAllButNotices(KNOWN);
    assertThat(edge.post("", again).text()).isEqualTo(ANSWER);
  }

  static Stream<Arguments> anEqualCallIsNotSentBeforeAnOriginKnows() {
    String spaced =
        "{ \"params\": { \"arguments\": {}, \"name\": \"s\\u0061ve\" }, \"id\": 18,"
            + " \"method\": \"tools/call\", \"jsonrpc\": \"2.0\" }";
    String search = CALL.replace("save", "search");
    return Stream.of(
        Arguments.of(CALL, AGAIN),
        Arguments.of(CALL, spaced),
        Arguments.of("[" + search + "," + CALL + "]", AGAIN),
        Arguments.of(CALL, "[" + OTHER + "," + AGAIN.replace("18", "19") + "]"));
  }

  @Test
  void anEqualCallWithAKeyOfItsClientsIsAnother() throws Exception {
    takesAllButNotices(Behaviour.resetBefore());
    assertThat(edge.call().text()).contains("outcome_unknown");
    assertThat(edge.post("Idempotency-Key: mine", AGAIN).text()).isEqualTo(ANSWER);
  }

  /** The first origin answers as a platform does in an origin's place. */
  @Test
  void onlyAnOriginsOwnAnswerEndsANotice() throws Exception {
    takesAllButNotices(Behaviour.status(404));
    assertThat(edge.call().text()).contains("Look first whether it was.");
    assertThat(edge.post("", AGAIN).text()).contains("origin_unavailable");
    takesAllButNotices(new Behaviour.Answer(400, Map.of("X-Ledger", "kept"), new byte[0]));
    assertThat(edge.post("", AGAIN).text()).isEqualTo(ANSWER);
  }

  /** The edge is in the state of one that has just started. */
  @Test
  void oneOfAnEdgeThatHasHeardOfNoOriginYet() throws Exception {
    takesAllButNotices(KNOWN);
    edge.origins.unheard = true;
    assertThat(edge.call().text()).contains("outcome_unknown");
    assertThat(notices()).as("none is known to keep a ledger").isEmpty();
    assertThat(edge.post("", AGAIN).text()).contains("origin_unavailable");
    edge.origins.unheard = false;
    Conditions.await("an origin is told", () -> !notices().isEmpty());
    assertThat(edge.post("", AGAIN).text()).isEqualTo(ANSWER);
  }

  @Test
  void noneOnceTheOriginsAreKnownToKeepNone() throws Exception {
    takesAllButNotices(KNOWN);
    edge.origins.unheard = true;
    assertThat(edge.call().text()).contains("outcome_unknown");
    edge.origins.keep = false;
    edge.origins.unheard = false;
    assertThat(edge.post("", AGAIN).text()).isEqualTo(ANSWER);
    assertThat(notices()).isEmpty();
  }

  @Test
  void thatACallIsNotDoneTwiceIsSaidWhereAnOriginKnows() throws Exception {
    takesAllButNotices(KNOWN);
    assertThat(edge.call().text()).contains("it is not done twice");
    takesAllButNotices(Behaviour.resetBefore());
    assertThat(edge.call().text())
        .contains("outcome_unknown", "\"idempotencyKey\":\"mcpist-", "Look first whether it was.")
        .doesNotContain("it is not done twice");
  }

  @Test
  void whoClosesAndCallsAgainElsewhereIsUnderstoodInThatOrder() throws IOException {
    calls(request -> request.text().equals(CALL) ? Behaviour.silent() : answer(200, ANSWER));
    for (int i = 0; i < 50; i++) {
      int before = edge.first.requests().size();
      try (RawHttp second = RawHttp.connect(edge.server.port())) {
        RawHttp first = RawHttp.connect(edge.server.port());
        first.send(RawHttp.post("/mcp", MODERN, CALL));
        Conditions.await("it is at the origin", () -> edge.first.requests().size() > before);
        first.close();
        assertThat(second.send(RawHttp.post("/mcp", MODERN, AGAIN)).read().text())
            .isEqualTo(ANSWER);
      }
      List<HttpMessage> three = edge.first.requests().subList(before, before + 3);
      assertThat(three).extracting(UndeliveredTest::isNotice).containsExactly(false, true, false);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 16})
  void identicalCallsThatAreAnsweredAreSoManyCalls(int connections) throws Exception {
    calls(answer(200, ANSWER));
    int each = 1_000 / connections;
    try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> done = new ArrayList<>();
      for (int i = 0; i < connections; i++) {
        done.add(clients.submit(() -> callAgainAndAgain(each)));
      }
      for (Future<?> client : done) {
        client.get();
      }
    }
    List<HttpMessage> seen = edge.first.requests();
    assertThat(seen).hasSize(each * connections);
    assertThat(seen.stream().map(request -> request.header("X-Call-Id")).distinct())
        .hasSize(each * connections);
    assertThat(notices()).isEmpty();
  }

  private int callAgainAndAgain(int times) throws IOException {
    try (RawHttp client = RawHttp.connect(edge.server.port())) {
      for (int i = 0; i < times; i++) {
        assertThat(client.send(RawHttp.post("/mcp", MODERN, CALL)).read().text()).isEqualTo(ANSWER);
      }
    }
    return times;
  }
}
