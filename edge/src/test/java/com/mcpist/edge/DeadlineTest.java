package com.mcpist.edge;

import static com.mcpist.edge.fixture.TestEdge.ANSWER;
import static com.mcpist.edge.fixture.TestEdge.CALL;
import static com.mcpist.testkit.Behaviour.answer;
import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.edge.fixture.OriginProcess;
import com.mcpist.edge.fixture.RunningEdge;
import com.mcpist.testkit.Conditions;
import com.mcpist.testkit.RawHttp;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class DeadlineTest {
  private static final long HOUR = Duration.ofHours(1).toMillis();
  private static final long ATTEMPT = Duration.ofMinutes(5).toMillis();
  private static final long MINUTE = Duration.ofMinutes(1).toMillis();

  @Test
  void isInTheDatabasesTime() throws Exception {
    AtomicReference<String> deadline = new AtomicReference<>();
    try (OriginProcess primary = OriginProcess.start("one");
        OriginProcess standby = OriginProcess.start("two")) {
      for (OriginProcess each : new OriginProcess[] {primary, standby}) {
        each.clock(() -> System.currentTimeMillis() - HOUR)
            .mcp(
                request -> {
                  deadline.set(request.header("X-Deadline").orElseThrow());
                  return answer(200, ANSWER);
                });
      }
      try (RunningEdge edge = RunningEdge.before(primary, standby)) {
        Conditions.await(
            "the skew is known",
            () -> Math.abs(edge.status().path("clockSkewMillis").asLong() - HOUR) < MINUTE);
        RawHttp.exchange(edge.port(), RawHttp.post("/mcp", "", CALL));
      }
    }
    assertThat(Long.parseLong(deadline.get()))
        .isBetween(
            System.currentTimeMillis() - HOUR + ATTEMPT - MINUTE,
            System.currentTimeMillis() - HOUR + ATTEMPT);
  }
}
