package com.mcpist.edge.call;

import static com.mcpist.edge.fixture.TestEdge.ANSWER;
import static com.mcpist.edge.fixture.TestEdge.CALL;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.edge.fixture.TestEdge;
import com.mcpist.testkit.Behaviour;
import com.mcpist.testkit.Behaviour.Answer;
import com.mcpist.testkit.Conditions;
import com.mcpist.testkit.FaultServer;
import com.mcpist.testkit.HttpMessage;
import com.mcpist.testkit.RawHttp;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests the edge with origins that give their clients sessions. */
class SessionTest {
  private static final String INITIALIZE =
      """
      {"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-06-18"}}\
      """;
  private static final String INITIALIZED =
      "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}";
  private static final String LEVEL =
      "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"logging/setLevel\",\"params\":{\"level\":\"info\"}}";
  private static final String PING = "{\"jsonrpc\":\"2.0\",\"id\":3,\"method\":\"ping\"}";
  private static final String RESULT = "{\"jsonrpc\":\"2.0\",\"id\":0,\"result\":{}}";

  /** A server that requires its sessions. */
  private static final class Server {
    private final Set<String> sessions = ConcurrentHashMap.newKeySet();
    private final AtomicInteger opened = new AtomicInteger();
    private final AtomicInteger listeners = new AtomicInteger();
    private final String name;
    private final FaultServer http;
    private volatile int whenUnknown = 404;
    private volatile int status = 200;
    private volatile boolean resets;

    Server(String name, FaultServer http) {
      this.name = name;
      this.http = http;
      http.handle(this::answer);
    }

    private Behaviour answer(HttpMessage request) {
      String text = request.text();
      if (text.contains("\"initialize\"")) {
        // The edge lists tools in a session of its own.
        boolean edges = text.contains("mcpist-edge");
        String id = edges ? "edge" : name + opened.incrementAndGet();
        sessions.add(id);
        return new Answer(
            200, Map.of("Mcp-Session-Id", id, "X-Ledger", ""), RESULT.getBytes(UTF_8));
      }
      if (!sessions.contains(request.header("Mcp-Session-Id").orElse(""))) {
        return Behaviour.withoutLedger(whenUnknown, "{\"jsonrpc\":\"2.0\",\"error\":{}}");
      }
      if (request.method().equals("GET")) {
        listeners.incrementAndGet();
        return new Behaviour.Ticks(
            () -> "data: {\"from\":\"" + name + "\"}\n\n", Duration.ofMillis(20));
      }
      if (resets && text.contains("tools/call")) {
        return Behaviour.resetBefore();
      }
      return text.contains("tools/call")
          ? Behaviour.withoutLedger(status, ANSWER)
          : Behaviour.withoutLedger(text.contains("\"id\"") ? 200 : 202, RESULT);
    }

    /** Returns the messages that came in this session, in order. */
    List<String> in(String session) {
      return http.requests().stream()
          .filter(each -> each.header("Mcp-Session-Id").filter(session::equals).isPresent())
          .map(each -> each.method().equals("POST") ? each.text() : each.method())
          .toList();
    }

    /** Forgets all sessions, as a server does that is started again. */
    void forget() {
      sessions.clear();
    }
  }

  private final TestEdge edge = TestEdge.start();
  private final Server one = new Server("a", edge.first);
  private final Server two = new Server("b", edge.second);
  private String session = "";

  @BeforeEach
  void open() throws IOException {
    edge.origins.keep = false;
    session = initialize();
  }

  @Test
  void aServerThatOpensASessionIsKnownToKeepNoLedger() {
    assertThat(edge.origins.withoutLedger).containsExactly("origin-1");
  }

  @AfterEach
  void stop() throws IOException {
    edge.close();
  }

  private String initialize() throws IOException {
    String id = edge.post("", INITIALIZE).header("Mcp-Session-Id").orElseThrow();
    assertThat(post(id, INITIALIZED).status()).isEqualTo(202);
    return id;
  }

  private HttpMessage post(String id, String body) throws IOException {
    return edge.post("Mcp-Session-Id: " + id + "\nMCP-Protocol-Version: 2025-06-18", body);
  }

  private static String subscription(String method, String uri) {
    return "{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"resources/%s\",\"params\":{\"uri\":\"%s\"}}"
        .formatted(method, uri);
  }

  @Test
  void aSessionStaysWhereItIs() throws IOException {
    assertThat(session).isEqualTo("origin-1~a1");
    edge.first.refuse();
    String other = initialize();
    edge.first.listen();
    // Any answer will do.
    edge.post("", CALL);
    assertThat(post(session, CALL).header("X-Served-By")).contains("origin-1");
    assertThat(post(other, CALL).header("X-Served-By")).contains("origin-2");
  }

  @Test
  void itGoesOnElsewhereWithWhatItsClientHasAskedFor() throws IOException {
    assertThat(post(session, LEVEL).status()).isEqualTo(200);
    for (String uri : List.of("x:1", "x:2")) {
      post(session, subscription("subscribe", uri));
    }
    post(session, subscription("unsubscribe", "x:1"));
    edge.first.refuse();
    // A call on a connection whose end the edge has not seen yet may have run.
    assertThat(post(session, PING).header("X-Served-By")).contains("origin-2");
    for (int i = 0; i < 2; i++) {
      HttpMessage answer = post(session, CALL);
      assertThat(answer.text()).isEqualTo(ANSWER);
      assertThat(answer.header("X-Served-By")).contains("origin-2");
    }
    assertThat(two.http.requests()).anyMatch(request -> request.text().equals(INITIALIZE));
    assertThat(two.in("b1"))
        .containsExactly(INITIALIZED, LEVEL, subscription("subscribe", "x:2"), PING, CALL, CALL);
  }

  @ParameterizedTest
  @ValueSource(ints = {400, 404})
  void itGoesOnWhereItsServerWasStartedAgain(int status) throws IOException {
    one.whenUnknown = status;
    one.forget();
    assertThat(post(session, CALL).text()).isEqualTo(ANSWER);
    assertThat(post(session, CALL).header("X-Served-By")).contains("origin-1");
    assertThat(one.in("a2")).containsExactly(INITIALIZED, CALL, CALL);
    assertThat(two.opened).hasValue(0);
  }

  @Test
  void aBadRequestIsOneWhereTheSessionLives() throws IOException {
    one.status = 400;
    assertThat(post(session, CALL).status()).isEqualTo(400);
    assertThat(one.opened).hasValue(1);
  }

  @Test
  void aCallThatMayHaveRunIsNotSentAgainThoughTheSessionIsOpenedAnew() throws IOException {
    one.resets = true;
    assertThat(post(session, CALL).text()).contains("outcome_unknown");
    one.resets = false;
    one.forget();
    assertThat(post(session, CALL).text()).isEqualTo(ANSWER);
    // The last of these calls was answered with 404.
    assertThat(one.in("a1").stream().filter(CALL::equals)).hasSizeLessThan(3);
  }

  @Test
  void oneThatCannotBeOpenedIsToldToItsClient() throws IOException {
    two.whenUnknown = 404;
    assertThat(post("origin-1~unheard", CALL).status()).isEqualTo(404);
    assertThat(post("gone~unheard", CALL).status()).isEqualTo(404);
  }

  @Test
  void anotherUsersIdOpensNothing() {
    Sessions sessions = new Sessions();
    Session mine = Session.opened("me", new Session.Place("one", "1"), Buffer.buffer(INITIALIZE));
    sessions.add(mine);
    assertThat(sessions.find("me", mine.id())).isSameAs(mine);
    Session theirs = sessions.find("they", mine.id());
    assertThat(theirs).isNotNull().extracting(Session::canMove).isEqualTo(false);
    assertThat(sessions.find("me", "no id of an edge")).isNull();
  }

  @Test
  void theIdlestOfTheUserWhoHasMostIsForgotten() {
    Sessions sessions = new Sessions();
    Buffer large = Buffer.buffer("x".repeat(60_000));
    Session other = Session.opened("other", new Session.Place("one", "0"), large);
    sessions.add(other);
    for (int i = 1; i <= 300; i++) {
      sessions.add(Session.opened("me", new Session.Place("one", "" + i), large));
    }
    assertThat(sessions.find("other", other.id())).isSameAs(other);
    assertThat(canMove(sessions, "one~1")).isFalse();
    assertThat(canMove(sessions, "one~300")).isTrue();
  }

  @Test
  void anIdOfOriginsThatKeepALedgerIsTheirs() throws IOException {
    edge.first.always(
        new Answer(
            200, Map.of("Mcp-Session-Id", "roots", "X-Ledger", "kept"), RESULT.getBytes(UTF_8)));
    assertThat(edge.post("", INITIALIZE).header("Mcp-Session-Id")).contains("roots");
  }

  @Test
  void aSessionCountsOnceAndNotAfterItsEnd() {
    Sessions sessions = new Sessions();
    Buffer large = Buffer.buffer("x".repeat(60_000));
    sessions.add(Session.opened("me", new Session.Place("one", "0"), large));
    for (int i = 1; i <= 300; i++) {
      Session other = Session.opened("me", new Session.Place("one", "" + i), large);
      sessions.add(other);
      sessions.changed(other);
      sessions.remove(other);
      sessions.changed(other);
    }
    assertThat(canMove(sessions, "one~0")).isTrue();
    assertThat(canMove(sessions, "one~300")).isFalse();
  }

  private static boolean canMove(Sessions sessions, String id) {
    Session found = sessions.find("me", id);
    return found != null && found.canMove();
  }

  @Test
  void aStreamThatListensGoesOnAtTheOtherOrigin() throws IOException {
    try (RawHttp client = RawHttp.connect(edge.server.port())) {
      client.send(
          "GET /mcp HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\nMcp-Session-Id: "
              + session
              + "\r\n\r\n");
      Conditions.await("it listens", () -> one.listeners.get() == 1);
      edge.first.refuse();
      Conditions.await("it listens there", () -> two.listeners.get() == 1);
      edge.first.listen();
      edge.second.refuse();
      Conditions.await("and back", () -> one.listeners.get() == 2);
    }
    assertThat(one.in("a2")).contains("GET");
  }

  @Test
  void itEndsWhereItIsAndWhereItWas() throws IOException {
    edge.origins.drained = "origin-1";
    assertThat(post(session, CALL).header("X-Served-By")).contains("origin-2");
    edge.origins.drained = "";
    String end =
        "DELETE /mcp HTTP/1.1\r\nHost: localhost\r\nMcp-Session-Id: " + session + "\r\n\r\n";
    assertThat(RawHttp.exchange(edge.server.port(), end).status()).isEqualTo(202);
    Conditions.await("both", () -> one.in("a1").contains("DELETE"));
    assertThat(two.in("b1")).contains("DELETE");
    one.forget();
    two.forget();
    assertThat(post(session, CALL).status()).isEqualTo(404);
  }
}
