package com.mcpist.edge;

import static com.mcpist.testkit.Conditions.await;
import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.edge.fixture.OriginProcess;
import com.mcpist.edge.fixture.RunningEdge;
import com.mcpist.edge.fixture.WritingClients;
import com.mcpist.testkit.Behaviour;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/**
 * Tests the edge with a release that starts, is healthy by its own account, and answers calls with
 * 500.
 */
class BadReleaseTest {
  private static final int CLIENTS = 8;
  private static final int MOST_RETURNS = 6;
  private static final Behaviour DONE = Behaviour.answer(200, WritingClients.ANSWER);

  @Test
  void noCallFailsWhileTheOtherOriginIsGood() throws Exception {
    try (OriginProcess primary = OriginProcess.start("bad").mcp(request -> DONE);
        OriginProcess standby = OriginProcess.start("good").mcp(request -> DONE);
        RunningEdge edge = RunningEdge.before(primary, standby);
        WritingClients clients = WritingClients.start(CLIENTS, edge.port())) {
      await("calls flow", () -> clients.answered() > 100);

      AtomicInteger tries = new AtomicInteger();
      var _ =
          primary.mcp(
              request -> {
                tries.incrementAndGet();
                return Behaviour.status(500);
              });
      await("the other one is called", () -> standby.calls() > 0);
      int switched = clients.answered();
      await("calls go on", () -> clients.answered() > switched + 1_000);
      int tried = tries.get();
      await("it is tried again after its hold-down", () -> tries.get() > tried);
      clients.stop();

      assertThat(clients.failures()).isEmpty();
      int answered = clients.answered();
      // A client has its answer before the edge counts it.
      await(
          "all are counted",
          () -> edge.status().path("calls").path("answered").asInt() == answered);
      assertThat(edge.status().path("calls").path("failed").asInt()).isZero();
      assertThat(edge.origin(0).path("lastFailure").path("reason").asString())
          .contains("status 500");
      assertThat(edge.status().path("calls").path("replayed").asInt()).isPositive();
      // Each client tries at most once after each of the hold-downs of 3, 6, 12 s and so on.
      assertThat(tries.get()).isLessThanOrEqualTo(MOST_RETURNS * CLIENTS);
    }
  }
}
