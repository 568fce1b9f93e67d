package com.mcpist.edge;

import static com.mcpist.testkit.Conditions.await;
import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.edge.fixture.OriginProcess;
import com.mcpist.edge.fixture.RunningEdge;
import com.mcpist.edge.fixture.WritingClients;
import com.mcpist.testkit.Behaviour;
import com.mcpist.testkit.HttpMessage;
import com.mcpist.testkit.RawHttp;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Tests that a new process listens in the place of the old one, which stops, while clients write.
 */
class OverlapTest {
  private static final int CLIENTS = 16;
  private static final int ENOUGH = 300;
  private static final Behaviour DONE = Behaviour.answer(200, WritingClients.ANSWER);
  private static final String SLOW =
      "{\"jsonrpc\":\"2.0\",\"id\":8,\"method\":\"tools/call\",\"params\":{\"name\":\"slow\"}}";

  private final CountDownLatch slowBegun = new CountDownLatch(1);
  private final CountDownLatch slowMayEnd = new CountDownLatch(1);
  private final OriginProcess standby = OriginProcess.start("standby").mcp(request -> DONE);
  private final OriginProcess old = OriginProcess.start("old").mcp(this::oldAnswers);
  private OriginProcess fresh = old;
  private RunningEdge edge;
  private WritingClients clients;

  private Behaviour oldAnswers(HttpMessage request) {
    if (request.text().equals(SLOW)) {
      slowBegun.countDown();
      awaitUninterrupted(slowMayEnd);
    }
    return DONE;
  }

  private static void awaitUninterrupted(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @BeforeEach
  void start() throws Exception {
    edge = RunningEdge.before(old, standby);
    clients = WritingClients.start(CLIENTS, edge.port());
    await("calls flow", () -> clients.answered() > ENOUGH);
  }

  @AfterEach
  void stop() throws Exception {
    slowMayEnd.countDown();
    clients.close();
    edge.close();
    old.close();
    fresh.close();
    standby.close();
  }

  private void replace() throws Exception {
    old.stopListening();
    fresh = OriginProcess.start("new", old.port(), request -> DONE);
    old.drain();
  }

  private void awaitMore() {
    int before = clients.answered();
    await("calls go on", () -> clients.answered() > before + ENOUGH);
  }

  private void assertThatNobodyNoticed() throws Exception {
    clients.stop();
    assertThat(clients.failures()).isEmpty();
    assertThat(clients.servedBy()).containsExactly("primary");
    assertThat(standby.calls()).isZero();
    assertThat(edge.status().path("calls").path("failed").asInt()).isZero();
    assertThat(edge.origin(0).path("lastFailure").isNull()).isTrue();
  }

  @Test
  void theOldOneFinishesItsCallsAndTheOriginServesThroughout() throws Exception {
    try (RawHttp slow = RawHttp.connect(edge.port())) {
      slow.send(RawHttp.post("/mcp", "", SLOW));
      slowBegun.await();

      replace();
      await("the new one is heard", () -> fresh.ticks() > 0);
      await("the new one is called", () -> fresh.calls() > ENOUGH);
      slowMayEnd.countDown();

      HttpMessage answer = slow.read();
      assertThat(answer.status()).isEqualTo(200);
      assertThat(answer.header("X-Attempts")).contains("1");
    }
    old.close();
    awaitMore();

    await(
        "the new release is known", () -> edge.origin(0).path("release").asString().equals("new"));
    assertThatNobodyNoticed();
  }

  @Test
  void anOldOneThatIsCutOffIsNotHeldAgainstTheNewOne() throws Exception {
    replace();
    await("the new one is heard", () -> fresh.ticks() > 1);

    old.close();
    awaitMore();

    assertThat(fresh.calls()).isPositive();
    assertThatNobodyNoticed();
  }
}
