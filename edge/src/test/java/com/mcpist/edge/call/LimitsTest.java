package com.mcpist.edge.call;

import static com.mcpist.edge.fixture.TestEdge.ANSWER;
import static com.mcpist.edge.fixture.TestEdge.CALL;
import static com.mcpist.testkit.Behaviour.answer;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.edge.fixture.TestEdge;
import com.mcpist.edge.listen.ClientLimits;
import com.mcpist.testkit.Behaviour;
import com.mcpist.testkit.Behaviour.Ending;
import com.mcpist.testkit.Behaviour.Sse;
import com.mcpist.testkit.Conditions;
import com.mcpist.testkit.HttpMessage;
import com.mcpist.testkit.RawHttp;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LimitsTest {
  private static final Duration LONG = Duration.ofSeconds(20);

  /** A limit in milliseconds that no test reaches unless the test is about the limit. */
  private static final long NEVER = 60_000;

  private final TestEdge edge = start(ClientLimits.defaults());

  private static TestEdge start(ClientLimits clients) {
    return start(300_000, clients);
  }

  private static TestEdge start(long attemptMillis, ClientLimits clients) {
    return TestEdge.start(
        config ->
            new ProxyConfig(
                config.host(),
                0,
                config.waitMillis(),
                config.connectTimeoutMillis(),
                NEVER,
                attemptMillis,
                1024 * 1024,
                4_000_000,
                clients,
                config.allowedHosts()));
  }

  private static TestEdge withShortHeads() {
    return start(new ClientLimits(8, 4096, 300, NEVER, NEVER, NEVER));
  }

  private static TestEdge withThreeConnections() {
    return start(new ClientLimits(3, 4096, NEVER, NEVER, NEVER, NEVER));
  }

  @AfterEach
  void stop() throws IOException {
    edge.close();
  }

  @Test
  void aClientThatSaysNothingIsCutOff() throws IOException {
    try (TestEdge hasty = withShortHeads();
        RawHttp client = RawHttp.connect(hasty.server.port())) {
      assertThat(client.closesWithin(LONG)).isTrue();
    }
  }

  @Test
  void aClientThatDripsItsHeadIsCutOff() throws IOException {
    try (TestEdge hasty = withShortHeads();
        RawHttp client = RawHttp.connect(hasty.server.port())) {
      client.send("POST /mcp HTTP/1.1\r\nHost: a\r\n");
      client.patience(Duration.ofMillis(50));
      Conditions.await(
          "it is cut off",
          () -> {
            try {
              client.send("X: a\r\n");
              return client.readByte() < 0;
            } catch (java.net.SocketTimeoutException open) {
              return false;
            } catch (java.net.SocketException reset) {
              return true;
            }
          });
      assertThat(hasty.first.requests()).isEmpty();
    }
  }

  @Test
  void aClientThatDripsItsBodyIsAnsweredAndCutOff() throws IOException {
    try (TestEdge hasty = start(new ClientLimits(8, 4096, NEVER, NEVER, 500, NEVER));
        RawHttp client = RawHttp.connect(hasty.server.port())) {
      client.send("POST /mcp HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n{");
      assertThat(client.read().status()).isEqualTo(408);
      assertThat(client.closesWithin(LONG)).isTrue();
    }
  }

  @Test
  void aKeptConnectionIsClosedAfterAWhile() throws IOException {
    try (TestEdge hasty = start(new ClientLimits(8, 4096, NEVER, 600, NEVER, NEVER));
        RawHttp client = RawHttp.connect(hasty.server.port())) {
      hasty.first.always(answer(200, ANSWER));
      assertThat(client.send(RawHttp.post("/mcp", "", CALL)).read().status()).isEqualTo(200);
      assertThat(client.closesWithin(LONG)).isTrue();
    }
  }

  @Test
  void whereAllConnectionsAreTakenTheOneIdleForLongestGivesWay() throws Exception {
    List<RawHttp> clients = new ArrayList<>();
    try (TestEdge small = withThreeConnections()) {
      for (int i = 0; i < 3; i++) {
        clients.add(RawHttp.connect(small.server.port()));
        ask(small, clients.getLast());
      }
      ask(small, clients.getFirst());
      clients.add(RawHttp.connect(small.server.port()));
      ask(small, clients.getLast());
      assertThat(clients.get(1).closesWithin(LONG)).as("the second").isTrue();
      ask(small, clients.get(0));
      ask(small, clients.get(2));
    } finally {
      for (RawHttp client : clients) {
        client.close();
      }
    }
  }

  private static void ask(TestEdge edge, RawHttp client) throws IOException {
    assertThat(client.send("GET /nothing HTTP/1.1\r\nHost: a\r\n\r\n").read().status())
        .isEqualTo(404);
    edge.settle();
  }

  @Test
  void whereAllConnectionsHaveACallNoMoreAreTaken() throws Exception {
    List<RawHttp> clients = new ArrayList<>();
    try (TestEdge small = withThreeConnections()) {
      small.first.always(new Behaviour.Ticks(() -> ":\n\n", Duration.ofMillis(50)));
      for (int i = 1; i <= 3; i++) {
        clients.add(RawHttp.connect(small.server.port()));
        // The first request is answered at once, and the second is in flight all the same.
        clients
            .getLast()
            .send("GET /nothing HTTP/1.1\r\nHost: a\r\n\r\n" + RawHttp.post("/mcp", "", CALL));
        int calls = i;
        Conditions.await("it is at work", () -> small.first.requests().size() == calls);
      }
      try (RawHttp fourth = RawHttp.connect(small.server.port())) {
        assertThat(fourth.closesWithin(LONG)).isTrue();
      }
      clients.removeLast().close();
      Conditions.await("there is room again", () -> small.get("/nothing").status() == 404);
    } finally {
      for (RawHttp client : clients) {
        client.close();
      }
    }
  }

  @Test
  void bodiesHeldAreBounded() throws IOException {
    edge.first.handle(LimitsTest::silentWhenLarge);
    edge.second.handle(LimitsTest::silentWhenLarge);
    String body = "x".repeat(1024 * 1024);
    try (RawHttp one = RawHttp.connect(edge.server.port());
        RawHttp two = RawHttp.connect(edge.server.port())) {
      one.send(RawHttp.post("/mcp", "", body));
      two.send(RawHttp.post("/mcp", "", body));
      Conditions.await("both are held", () -> edge.first.requests().size() == 2);
      HttpMessage response = edge.post("", body);
      assertThat(response.status()).isEqualTo(503);
      assertThat(response.header("Retry-After")).isPresent();
      assertThat(response.text()).contains("overloaded");
      assertThat(edge.call().text()).as("a small one has room").isEqualTo(ANSWER);
    }
  }

  @Test
  void anEventThatThereIsNoRoomForIsAskedForAgain() throws IOException {
    String event = "data: " + "x".repeat(3_000_000) + "\n\n";
    edge.first.always(new Sse(List.of(event), Duration.ZERO, Ending.COMPLETE));
    edge.second.always(answer(200, ANSWER));
    assertThat(edge.call().text()).isEqualTo("event: message\ndata: " + ANSWER + "\n\n");
    assertThat(edge.origins.failures).isEmpty();
  }

  @Test
  void aStreamThatListensHoldsNothingOfItsBody() throws IOException {
    edge.first.handle(
        request ->
            request.text().contains("subscriptions/listen")
                ? new Behaviour.Ticks(() -> ":\n\n", Duration.ofMillis(50))
                : answer(200, ANSWER));
    String listen =
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"subscriptions/listen\"%s}"
            .formatted(" ".repeat(900_000));
    List<RawHttp> streams = new ArrayList<>();
    try {
      for (int i = 0; i < 4; i++) {
        streams.add(RawHttp.connect(edge.server.port()));
        streams.getLast().send(RawHttp.post("/mcp", "", listen));
        Conditions.await("it listens", () -> streams.getLast().readByte() >= 0);
      }
      assertThat(edge.post("", "x".repeat(1024 * 1024)).text()).isEqualTo(ANSWER);
      assertThat(edge.first.openConnections()).as("they listen still").isGreaterThanOrEqualTo(4);
    } finally {
      for (RawHttp stream : streams) {
        stream.close();
      }
    }
  }

  private static Behaviour silentWhenLarge(HttpMessage request) {
    return request.body().length > 1000 ? Behaviour.silent() : answer(200, ANSWER);
  }

  @Test
  void aBodyThatIsNeverWholeIsNotHeldForEver() throws IOException {
    edge.first.always(answer(200, ANSWER));
    String half = RawHttp.post("/mcp", "", "x".repeat(1024 * 1024)).substring(0, 800_000);
    for (int i = 0; i < 5; i++) {
      try (RawHttp client = RawHttp.connect(edge.server.port())) {
        client.send(half).reset();
      }
    }
    Conditions.await(
        "there is room for a whole one",
        () -> edge.post("", "x".repeat(1024 * 1024)).status() == 200);
    assertThat(edge.post("", "x".repeat(1024 * 1024)).status()).isEqualTo(200);
  }

  @Test
  void aCallThatNeverEndsEndsAtItsDeadline() throws IOException {
    try (TestEdge hasty = start(3_000, ClientLimits.defaults())) {
      hasty.first.always(
          new Sse(Collections.nCopies(1000, ":\n\n"), Duration.ofMillis(100), Ending.COMPLETE));
      assertThat(hasty.call().text()).contains("outcome is unknown");
      assertThat(hasty.second.requests()).isEmpty();
    }
  }

  @Test
  void anAnswerThatIsPassedOnIsBrokenOffAtItsDeadline() throws IOException {
    byte[] large = new byte[24 * 1024 * 1024];
    Behaviour.Answer whole = new Behaviour.Answer(200, Map.of("Content-Type", "text/plain"), large);
    try (TestEdge hasty = start(3_000, ClientLimits.defaults())) {
      hasty.first.always(Behaviour.drip(whole, 1024 * 1024, Duration.ofMillis(200)));
      try (RawHttp client = RawHttp.connect(hasty.server.port())) {
        client.send(RawHttp.post("/mcp", "", CALL));
        assertThat(client.closesWithin(LONG)).isTrue();
      }
      Conditions.await("it is counted", () -> hasty.calls.status().calls().answered() == 1);
      assertThat(hasty.calls.status().calls()).isEqualTo(new CallCounts(1, 1, 0));
      assertThat(hasty.second.requests()).isEmpty();
    }
  }

  @Test
  void aClientThatDoesNotReadIsCutOffAndItsOriginLetGo() throws Exception {
    String event = "data: " + "x".repeat(100_000) + "\n\n";
    try (TestEdge hasty = start(new ClientLimits(8, 4096, NEVER, NEVER, NEVER, 500));
        RawHttp client = RawHttp.connect(hasty.server.port())) {
      // An origin that keeps calls would be told of the call, on another connection.
      hasty.origins.keep = false;
      hasty.first.always(new Sse(Collections.nCopies(1000, event), Duration.ZERO, Ending.COMPLETE));
      client.send(RawHttp.post("/mcp", "MCP-Protocol-Version: 2026-07-28", CALL));
      Conditions.await("the call is at the origin", () -> !hasty.first.requests().isEmpty());
      Conditions.await("the origin is let go", () -> hasty.first.openConnections() == 0);
      Conditions.await("the client is cut off", () -> isReset(client));
      assertThat(hasty.origins.failures).isEmpty();
    }
  }

  /** The client takes longer for the whole answer than a client may read nothing. */
  @Test
  void aClientThatReadsSlowlyGetsTheWholeAnswer() throws Exception {
    byte[] large = new byte[7 * 1024 * 1024];
    try (TestEdge hasty = start(new ClientLimits(8, 4096, NEVER, NEVER, NEVER, 300));
        Socket client = new Socket()) {
      hasty.first.always(new Behaviour.Answer(200, Map.of(), large));
      client.setReceiveBufferSize(16 * 1024);
      client.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), hasty.server.port()));
      client.getOutputStream().write(RawHttp.post("/mcp", "", CALL).getBytes(UTF_8));

      int read = 0;
      while (read < large.length) {
        int some = client.getInputStream().readNBytes(128 * 1024).length;
        assertThat(some).as("read after %d", read).isPositive();
        read += some;
        LockSupport.parkNanos(Duration.ofMillis(25).toNanos());
      }
      assertThat(hasty.origins.failures).isEmpty();
    }
  }

  @Test
  void anAnswerThatIsPassedOnToNoReaderIsBrokenOffAtItsDeadline() throws Exception {
    byte[] large = new byte[24 * 1024 * 1024];
    Behaviour.Answer whole = new Behaviour.Answer(200, Map.of("Content-Type", "text/plain"), large);
    try (TestEdge patient = start(1_500, ClientLimits.defaults())) {
      // An origin that keeps calls would be told of the call, on another connection.
      patient.origins.keep = false;
      patient.first.always(Behaviour.drip(whole, 1024 * 1024, Duration.ofMillis(20)));
      try (RawHttp client = RawHttp.connect(patient.server.port())) {
        client.send(RawHttp.post("/mcp", "", CALL));
        Conditions.await("the client is cut off", () -> isReset(client));
      }
      Conditions.await("it is counted", () -> patient.calls.status().calls().answered() == 1);
      assertThat(patient.calls.status().calls()).isEqualTo(new CallCounts(1, 1, 0));
      Conditions.await("its origin is let go", () -> patient.first.openConnections() == 0);
    }
  }

  /**
   * Returns true if the connection is reset. It does not read, since reading makes room for what
   * comes before a close.
   */
  private static boolean isReset(RawHttp client) throws IOException {
    try {
      client.send("x");
      return false;
    } catch (java.net.SocketException reset) {
      return true;
    }
  }
}
