package com.mcpist.edge.call;

import static com.mcpist.edge.fixture.TestEdge.ANSWER;
import static com.mcpist.edge.fixture.TestEdge.CALL;
import static com.mcpist.testkit.Behaviour.answer;
import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.edge.fixture.TestEdge;
import com.mcpist.edge.pool.Origins.Fate;
import com.mcpist.testkit.Behaviour;
import com.mcpist.testkit.Conditions;
import com.mcpist.testkit.HttpMessage;
import com.mcpist.testkit.MutableClock;
import com.mcpist.testkit.RawHttp;
import java.time.Duration;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** Who repeats a call under which processes die is held to one call at once. */
class QuarantineTest {
  private static final Duration TEN_MINUTES = Duration.ofMinutes(10);

  private final MutableClock clock = MutableClock.create();
  private final Quarantine quarantine = new Quarantine(clock);

  private void die(String user) {
    quarantine.add("id", "save", user, 12);
  }

  @Test
  void twoWithinTenMinutesHoldTheirUserForTenMinutes() {
    die("ann");
    die("bob");
    clock.advance(TEN_MINUTES);
    die("ann");
    Runnable released = Objects.requireNonNull(quarantine.begin("ann"));
    assertThat(quarantine.begin("ann")).isNull();
    assertThat(quarantine.begin("bob")).isNotNull();
    assertThat(quarantine.begin("bob")).isNotNull();

    released.run();
    Runnable second = quarantine.begin("ann");
    released.run();
    assertThat(quarantine.begin("ann")).as("the second has not ended").isNull();
    clock.advance(TEN_MINUTES.plusMillis(1));
    assertThat(quarantine.begin("ann")).isNotNull();
    assertThat(second).isNotNull();
  }

  @Test
  void twoThatAreFurtherApartDoNot() {
    die("ann");
    clock.advance(TEN_MINUTES.plusMillis(1));
    die("ann");
    assertThat(quarantine.begin("ann")).isNotNull();
    assertThat(quarantine.begin("ann")).isNotNull();
  }

  @Test
  void theNewestTwentyAreKept() {
    for (int i = 0; i < 21; i++) {
      quarantine.add("id-" + i, "x".repeat(1000), "ann", i);
    }
    assertThat(quarantine.newest()).hasSize(20);
    assertThat(quarantine.newest().getFirst().callId()).isEqualTo("id-20");
    assertThat(quarantine.newest().getFirst().tool()).hasSize(128);
  }

  @Test
  void aHeldUsersSecondCallComesAgainLater() throws Exception {
    try (TestEdge edge = TestEdge.start()) {
      edge.origins.fate = Fate.DIED;
      edge.first.next(Behaviour.resetBefore(), Behaviour.resetBefore()).always(Behaviour.silent());
      edge.second.next(Behaviour.resetBefore(), Behaviour.resetBefore()).always(Behaviour.silent());
      for (int i = 0; i < 2; i++) {
        assertThat(edge.call().text()).contains("outcome_unknown");
      }
      assertThat(edge.calls.status().quarantined()).hasSize(2);
      try (RawHttp one = RawHttp.connect(edge.server.port())) {
        one.send(RawHttp.post("/mcp", "", CALL));
        int sent = 5;
        Conditions.await("it is at an origin", () -> requests(edge) == sent);
        HttpMessage refused = edge.call();
        assertThat(refused.status()).isEqualTo(429);
        assertThat(refused.header("Retry-After")).contains("1");
        assertThat(refused.text()).contains("\"jsonrpc\"", "rate_limited");
        assertThat(requests(edge)).isEqualTo(sent);
      }
      edge.first.always(answer(200, ANSWER));
      edge.second.always(answer(200, ANSWER));
      Conditions.await("the first has ended", () -> edge.call().status() == 200);
    }
  }

  private static int requests(TestEdge edge) {
    return edge.first.requests().size() + edge.second.requests().size();
  }
}
