package com.mcpist.edge.call;

import static com.mcpist.edge.fixture.TestEdge.ANSWER;
import static com.mcpist.edge.fixture.TestEdge.CALL;
import static com.mcpist.testkit.Behaviour.answer;
import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.edge.fixture.TestEdge;
import com.mcpist.testkit.Behaviour;
import com.mcpist.testkit.Behaviour.Answer;
import com.mcpist.testkit.Behaviour.Ending;
import com.mcpist.testkit.Conditions;
import com.mcpist.testkit.RawHttp;
import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Tests how calls are counted that end in one way or another. */
class CallCountsTest {
  private static final Answer WHOLE = answer(200, ANSWER);

  private final TestEdge edge = TestEdge.start();

  @AfterEach
  void stop() throws IOException {
    edge.close();
  }

  private void assertCounts(long answered, long failed, long replayed) {
    Conditions.await("it is counted", () -> edge.calls.status().calls().answered() == answered);
    assertThat(edge.calls.status().calls()).isEqualTo(new CallCounts(answered, failed, replayed));
  }

  @Test
  void aGoodOne() throws IOException {
    edge.first.always(WHOLE);
    edge.call();
    edge.call();
    assertCounts(2, 0, 0);
  }

  @Test
  void oneThatAnotherOriginAnswered() throws IOException {
    edge.first.always(Behaviour.status(500));
    edge.second.always(WHOLE);
    assertThat(edge.call().status()).isEqualTo(200);
    assertCounts(1, 0, 1);
  }

  @Test
  void oneThatNoOriginAnsweredInTime() throws IOException {
    edge.first.refuse();
    edge.second.refuse();
    assertThat(edge.call().text()).contains("origin_unavailable");
    assertCounts(1, 1, 1);
  }

  @Test
  void oneWhoseStreamEndsWithAnError() throws IOException {
    edge.first.always(Behaviour.sse(Ending.RESET, "{}"));
    edge.second.refuse();
    assertThat(edge.call().text()).contains("\"error\"");
    assertCounts(1, 1, 1);
  }

  @Test
  void oneThatIsPassedOnAndBreaksOff() throws IOException {
    // Half of the body comes, which is more than the edge holds.
    byte[] large = new byte[24 * 1024 * 1024];
    edge.first.always(
        Behaviour.closeInBody(new Answer(200, Map.of("Content-Type", "text/plain"), large)));
    edge.second.refuse();
    try (RawHttp client = RawHttp.connect(edge.server.port())) {
      client.send(RawHttp.post("/mcp", "", CALL));
      assertThat(client.closesWithin(Conditions.LIMIT)).isTrue();
    }
    assertCounts(1, 1, 0);
  }

  @Test
  void oneWhoseClientGoesIsNeitherAnsweredNorFailed() throws IOException {
    edge.first.always(Behaviour.silent());
    edge.second.always(Behaviour.silent());
    try (RawHttp client = RawHttp.connect(edge.server.port())) {
      client.send(RawHttp.post("/mcp", "", CALL));
      Conditions.await("the call is at the origin", () -> !edge.first.requests().isEmpty());
      client.reset();
    }
    Conditions.await("it is over", () -> edge.origins.inFlight.isEmpty());
    edge.second.always(WHOLE);
    // An equal call would wait until an origin knows of the one before, which was not answered.
    edge.post("", CALL.replace("save", "delete"));
    assertCounts(1, 0, 0);
  }

  @Test
  void whatIsNoCallIsNotCounted() throws IOException {
    edge.first.always(WHOLE);
    edge.get("/health");
    edge.get("/nothing");
    RawHttp.exchange(edge.server.port(), "GET /mcp HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n");
    edge.call();
    assertCounts(1, 0, 0);
  }
}
