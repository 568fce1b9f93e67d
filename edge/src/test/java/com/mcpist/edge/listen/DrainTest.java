package com.mcpist.edge.listen;

import static com.mcpist.edge.fixture.TestEdge.ANSWER;
import static com.mcpist.edge.fixture.TestEdge.CALL;
import static com.mcpist.testkit.Behaviour.answer;
import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.edge.call.ProxyConfig;
import com.mcpist.edge.fixture.TestEdge;
import com.mcpist.testkit.Behaviour;
import com.mcpist.testkit.Behaviour.Ending;
import com.mcpist.testkit.Conditions;
import com.mcpist.testkit.HttpMessage;
import com.mcpist.testkit.RawHttp;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DrainTest {
  private static final Duration LONG = Duration.ofSeconds(20);
  private static final Duration SHORT = Duration.ofMillis(100);
  private static final Duration ENDLESS = Duration.ofMinutes(5);
  private static final String NOTHING = "GET /nothing HTTP/1.1\r\nHost: a\r\n\r\n";

  private final CountDownLatch released = new CountDownLatch(1);
  private final TestEdge edge = TestEdge.start(DrainTest::patient);

  /** Returns a configuration in which origins may be silent for as long as a test makes them. */
  private static ProxyConfig patient(ProxyConfig config) {
    return new ProxyConfig(
        config.host(),
        0,
        config.waitMillis(),
        config.connectTimeoutMillis(),
        ENDLESS.toMillis(),
        config.attemptMillis(),
        config.maxBodyBytes(),
        config.replayBufferBytes(),
        config.clients(),
        config.allowedHosts());
  }

  @AfterEach
  void stop() throws IOException {
    released.countDown();
    edge.close();
  }

  private Behaviour whenReleased() {
    try {
      released.await();
      return answer(200, ANSWER);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void endsACallsConnectionWithItsAnswerAndAnIdleOneAfterTheGrace() throws Exception {
    edge.first.handle(request -> whenReleased());
    try (RawHttp busy = RawHttp.connect(edge.server.port());
        RawHttp idle = RawHttp.connect(edge.server.port())) {
      idle.send(NOTHING).read();
      busy.send(RawHttp.post("/mcp", "", CALL));
      Conditions.await("the call is at the origin", () -> !edge.first.requests().isEmpty());
      var drained = edge.server.drain(SHORT, LONG);
      assertThat(idle.closesWithin(LONG)).isTrue();
      released.countDown();
      HttpMessage response = busy.read();
      assertThat(response.text()).isEqualTo(ANSWER);
      assertThat(response.header("Connection")).contains("close");
      assertThat(busy.closesWithin(LONG)).isTrue();
      TestEdge.await(drained);
    }
  }

  @Test
  void whereItIsToldTwiceTheLongerLimitCounts() throws Exception {
    edge.first.handle(request -> whenReleased());
    try (RawHttp busy = RawHttp.connect(edge.server.port());
        RawHttp idle = RawHttp.connect(edge.server.port())) {
      idle.send(NOTHING).read();
      busy.send(RawHttp.post("/mcp", "", CALL));
      Conditions.await("the call is at the origin", () -> !edge.first.requests().isEmpty());
      var retired = edge.server.drain(ENDLESS, Duration.ZERO);
      var stopped = edge.server.drain(SHORT, LONG);
      assertThat(idle.closesWithin(LONG)).as("what is left is being cut").isTrue();
      released.countDown();
      assertThat(busy.read().text()).isEqualTo(ANSWER);
      TestEdge.await(retired);
      TestEdge.await(stopped);
    }
  }

  @Test
  void aStreamThatBeginsThenSaysThatItsConnectionEnds() throws Exception {
    edge.first.always(Behaviour.sse(Ending.COMPLETE, ANSWER));
    try (RawHttp client = RawHttp.connect(edge.server.port())) {
      client.send(NOTHING).read();
      var drained = edge.server.drain(ENDLESS, LONG);
      HttpMessage response = client.send(RawHttp.post("/mcp", "", CALL)).read();
      assertThat(response.header("Content-Type")).contains("text/event-stream");
      assertThat(response.header("Connection")).contains("close");
      assertThat(response.text()).isEqualTo("data: " + ANSWER + "\n\n");
      assertThat(client.closesWithin(LONG)).isTrue();
      TestEdge.await(drained);
    }
  }

  @Test
  void aStreamThatBeganBeforeLeavesItsConnectionForTheNextRequest() throws Exception {
    edge.first.always(Behaviour.sse(Ending.SILENCE, "{\"jsonrpc\":\"2.0\",\"method\":\"n\"}"));
    edge.second.always(answer(200, ANSWER));
    try (RawHttp client = RawHttp.connect(edge.server.port())) {
      client.send(RawHttp.post("/mcp", "", CALL));
      assertThat(client.readByte()).as("its head has been sent").isEqualTo('H');
      var drained = edge.server.drain(ENDLESS, LONG);
      edge.origins.lose();
      HttpMessage streamed = client.read();
      assertThat(streamed.text()).endsWith("data: " + ANSWER + "\n\n");
      assertThat(streamed.header("Connection")).isEmpty();

      edge.first.always(answer(200, ANSWER));
      HttpMessage next = client.send(RawHttp.post("/mcp", "", CALL)).read();
      assertThat(next.text()).isEqualTo(ANSWER);
      assertThat(next.header("Connection")).contains("close");
      assertThat(client.closesWithin(LONG)).isTrue();
      TestEdge.await(drained);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void whoWaitsIsToldBeforeTheCutThatThereIsNoAnswer(boolean begun) throws Exception {
    edge.first.always(
        begun
            ? Behaviour.sse(Ending.SILENCE, "{\"jsonrpc\":\"2.0\",\"method\":\"n\"}")
            : Behaviour.silent());
    try (RawHttp client = RawHttp.connect(edge.server.port())) {
      client.send(RawHttp.post("/mcp", "Idempotency-Key: mine", CALL));
      Conditions.await("the call is at the origin", () -> !edge.first.requests().isEmpty());
      var drained = edge.server.drain(SHORT, Duration.ofSeconds(3));
      HttpMessage response = client.read();
      assertThat(response.header("Content-Type").orElseThrow())
          .isEqualTo(begun ? "text/event-stream" : "application/json");
      assertThat(response.text())
          .contains("{\"jsonrpc\":\"2.0\",\"id\":7,\"error\":", "outcome_unknown");
      TestEdge.await(drained);
    }
  }

  /**
   * The edge drains as one that has retired. The origins are asked to record the call for a second
   * first.
   */
  @Test
  void theShortestLimitSufficesToTellWhoseCallNoOriginRecords() throws Exception {
    edge.first.handle(
        request ->
            request.header("X-Undelivered").isPresent()
                ? Behaviour.status(503)
                : Behaviour.silent());
    edge.second.always(Behaviour.status(503));
    try (RawHttp client = RawHttp.connect(edge.server.port())) {
      client.send(RawHttp.post("/mcp", "", CALL));
      Conditions.await("the call is at the origin", () -> !edge.first.requests().isEmpty());
      var drained = edge.server.drain(SHORT, ProxyServer.SHORTEST_LIMIT);
      assertThat(client.read().text()).contains("outcome_unknown", "Look first whether it was.");
      TestEdge.await(drained);
    }
  }

  @Test
  void whoConnectedLastIsServed() throws Exception {
    try (RawHttp last = RawHttp.connect(edge.server.port())) {
      awaitAccepted();
      var drained = edge.server.drain(Duration.ofSeconds(5), LONG);
      Conditions.await("it accepts no more", this::refuses);
      HttpMessage response = last.send(NOTHING).read();
      assertThat(response.status()).isEqualTo(404);
      assertThat(response.header("Connection")).contains("close");
      TestEdge.await(drained);
    }
  }

  /**
   * Waits until the loops have all connections. Loops take connections in turn, so once each loop
   * has served a later connection, the first connection is with its own loop.
   */
  private void awaitAccepted() throws IOException {
    for (int i = 0; i < Runtime.getRuntime().availableProcessors(); i++) {
      assertThat(edge.get("/nothing").status()).isEqualTo(404);
    }
  }

  private boolean refuses() throws IOException {
    try (RawHttp _ = RawHttp.connect(edge.server.port())) {
      return false;
    } catch (UncheckedIOException refused) {
      return true;
    }
  }
}
