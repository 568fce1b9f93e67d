package com.mcpist.edge.admin;

import static com.mcpist.edge.fixture.TestEdge.ANSWER;
import static com.mcpist.testkit.Behaviour.answer;
import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.edge.fixture.TestEdge;
import com.mcpist.edge.gate.LimitSettings;
import com.mcpist.edge.gate.auth.Authentication;
import com.mcpist.telemetry.Metrics;
import com.mcpist.testkit.Behaviour;
import com.mcpist.testkit.Conditions;
import com.mcpist.testkit.RawHttp;
import java.io.IOException;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Tests the metrics of calls that end in one way or another. */
class MetricsTest {
  private static final LimitSettings FOUR_CALLS = new LimitSettings(0, 0, 1, 4, List.of());

  /** The edge, whose clock stands still. */
  private final TestEdge edge =
      TestEdge.start(UnaryOperator.identity(), new Authentication.Open(true), FOUR_CALLS, () -> 7);

  private final Metrics metrics = new Metrics("edge", edge.calls.collectors());

  @AfterEach
  void stop() throws IOException {
    edge.close();
  }

  private String text(String accept) {
    return metrics.text(accept).body().toString();
  }

  private void awaitLine(String line) {
    Conditions.await(line, () -> text("text/plain").lines().anyMatch(line::equals));
  }

  @Test
  void requestsAreCountedByHowTheyEnded() throws IOException {
    edge.first.always(answer(200, ANSWER));
    edge.call();
    edge.first.always(Behaviour.status(500));
    edge.second.always(answer(200, ANSWER));
    edge.call();
    edge.second.always(Behaviour.status(500));
    edge.call();
    edge.first.always(Behaviour.silent());
    try (RawHttp client = RawHttp.connect(edge.server.port())) {
      // An equal call would wait until an origin knows of the one before, which was not answered.
      client.send(RawHttp.post("/mcp", "", TestEdge.CALL.replace("save", "delete")));
      Conditions.await("the call is at the origin", () -> !edge.origins.inFlight.isEmpty());
      client.reset();
    }
    edge.call();

    awaitLine("mcpist_requests_total{outcome=\"answered\",program=\"edge\"} 2.0");
    awaitLine("mcpist_requests_total{outcome=\"failed\",program=\"edge\"} 1.0");
    awaitLine("mcpist_requests_total{outcome=\"left\",program=\"edge\"} 1.0");
    awaitLine("mcpist_requests_total{outcome=\"refused\",program=\"edge\"} 1.0");
    awaitLine("mcpist_rate_limit_hits_total{limit=\"user\"} 1.0");
    awaitLine("mcpist_rate_limit_hits_total{limit=\"address\"} 0.0");
    awaitLine("mcpist_replays_total 2.0");
    awaitLine("mcpist_request_duration_seconds_count{program=\"edge\"} 3");
  }

  @Test
  void aTimeHasItsCallAsAnExemplarWhereTheyAreAskedFor() throws IOException {
    edge.first.always(answer(200, ANSWER));
    edge.call();
    awaitLine("mcpist_request_duration_seconds_count{program=\"edge\"} 1");
    awaitLine("mcpist_attempt_duration_seconds_count{origin=\"origin-1\"} 1");
    String call = edge.first.requests().getFirst().header("X-Call-Id").orElseThrow();

    assertThat(text("application/openmetrics-text;version=1.0.0,text/plain;q=0.5"))
        .contains(" # {call_id=\"" + call + "\"} ")
        .endsWith("# EOF\n");
    assertThat(text("text/plain")).doesNotContain(call);
  }
}
