package com.mcpist.edge.listen;

import static com.mcpist.edge.fixture.TestEdge.ANSWER;
import static com.mcpist.edge.fixture.TestEdge.CALL;
import static com.mcpist.testkit.Behaviour.answer;
import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.edge.fixture.TestEdge;
import com.mcpist.testkit.Behaviour;
import com.mcpist.testkit.Behaviour.Answer;
import com.mcpist.testkit.Conditions;
import com.mcpist.testkit.FaultServer;
import com.mcpist.testkit.HttpMessage;
import com.mcpist.testkit.RawHttp;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Tests connections to a process that another one has replaced, on the same port. */
class KeptConnectionsTest {
  private static final Answer WHOLE = answer(200, ANSWER);
  private static final int CLIENTS = 8;

  private final TestEdge edge = TestEdge.start();
  private final CountDownLatch mayAnswer = new CountDownLatch(1);

  @AfterEach
  void stop() throws IOException {
    mayAnswer.countDown();
    edge.close();
  }

  private FaultServer replaceTheFirst() throws IOException {
    edge.first.stopListening();
    return FaultServer.start(edge.first.port(), request -> WHOLE);
  }

  /** Makes the edge keep this number of connections, by as many calls at once. */
  private List<RawHttp> keep(int connections) throws IOException {
    edge.first.handle(
        request -> {
          awaitUninterrupted();
          return WHOLE;
        });
    List<RawHttp> clients = new ArrayList<>();
    for (int i = 0; i < connections; i++) {
      RawHttp client = RawHttp.connect(edge.server.port());
      clients.add(client.send(RawHttp.post("/mcp", "", CALL)));
    }
    Conditions.await("all are there", () -> edge.first.requests().size() == connections);
    mayAnswer.countDown();
    for (RawHttp client : clients) {
      assertThat(client.read().status()).isEqualTo(200);
    }
    return clients;
  }

  private void awaitUninterrupted() {
    try {
      mayAnswer.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void aCallMeetsOneThatIsClosedOnceAndThenGetsANewOne() throws IOException {
    List<RawHttp> clients = keep(CLIENTS);
    try (FaultServer next = replaceTheFirst()) {
      edge.first.always(Behaviour.resetBefore());
      for (RawHttp client : clients) {
        HttpMessage response = client.send(RawHttp.post("/mcp", "", CALL)).read();
        assertThat(response.text()).isEqualTo(ANSWER);
        assertThat(response.header("X-Served-By")).contains("origin-1");
        assertThat(Integer.parseInt(response.header("X-Attempts").orElseThrow()))
            .isLessThanOrEqualTo(2);
      }
      assertThat(next.requests()).isNotEmpty();
    } finally {
      for (RawHttp client : clients) {
        client.close();
      }
    }
    assertThat(edge.origins.failures).isEmpty();
    assertThat(edge.second.requests()).isEmpty();
  }

  @Test
  void theEndOfAReplacedProcessSaysNothingOfTheOneThatIsThere() throws IOException {
    edge.first.always(Behaviour.silent());
    try (RawHttp client = RawHttp.connect(edge.server.port())) {
      client.send(RawHttp.post("/mcp", "", CALL));
      Conditions.await("the call is at the origin", () -> !edge.first.requests().isEmpty());
      try (FaultServer next = replaceTheFirst()) {
        edge.origins.replace();
        HttpMessage response = client.read();
        assertThat(response.text()).isEqualTo(ANSWER);
        assertThat(response.header("X-Served-By")).contains("origin-1");
        assertThat(next.requests()).hasSize(1);
      }
    }
    assertThat(edge.origins.failures).isEmpty();
  }
}
