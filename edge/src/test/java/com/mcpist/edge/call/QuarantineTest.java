package com.mcpist.edge.call;

import static com.mcpist.edge.fixture.TestEdge.ANSWER;
import static com.mcpist.edge.fixture.TestEdge.CALL;
import static com.mcpist.testkit.Behaviour.answer;
import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.edge.fixture.TestEdge;
import com.mcpist.edge.gate.LimitSettings;
import com.mcpist.edge.gate.auth.Authentication;
import com.mcpist.edge.pool.Origins.Fate;
import com.mcpist.testkit.Behaviour;
import com.mcpist.testkit.Conditions;
import com.mcpist.testkit.HttpMessage;
import com.mcpist.testkit.MutableClock;
import com.mcpist.testkit.RawHttp;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** Tests that a user who repeats a call under which processes die is held to one call at once. */
class QuarantineTest {
  private static final Duration TEN_MINUTES = Duration.ofMinutes(10);

  private static final String KEY =
      "Authorization: Bearer mcpist_000000000000000000000000000000000000000100024G2lR"
          + "\nIdempotency-Key: mine";

  private final MutableClock clock = MutableClock.create();
  private final Quarantine quarantine = new Quarantine(clock);

  private boolean die(String user) {
    return quarantine.add("id", "save", user, 12);
  }

  @Test
  void twoWithinTenMinutesHoldTheirUserForTenMinutes() {
    assertThat(die("ann")).isFalse();
    die("bob");
    clock.advance(TEN_MINUTES);
    assertThat(die("ann")).isTrue();
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
  void callsThatShareTwoDeadProcessesAreDecidedByAThird() {
    Object one = new Object();
    Object two = new Object();
    quarantine.cutAgain(two);
    assertThat(quarantine.deadly(List.of(one))).isFalse();
    assertThat(quarantine.deadly(List.of(one, two))).isTrue();
    quarantine.cutAgain(two);
    assertThat(quarantine.deadly(List.of(one, two))).isFalse();
    assertThat(quarantine.deadly(List.of(one, two, new Object()))).isTrue();
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
  void whatTwoCallsMayHaveSeenOfOneIncidentDoesNot() {
    die("ann");
    die("ann");
    assertThat(quarantine.begin("ann")).isSameAs(Quarantine.NOTHING);
    clock.advance(Duration.ofSeconds(5));
    die("ann");
    assertThat(quarantine.begin("ann")).isNotSameAs(Quarantine.NOTHING);
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
    Authentication keys =
        new Authentication.Required(URI.create("https://localhost/mcp"), true, null);
    try (TestEdge edge = TestEdge.start(config -> config, keys, LimitSettings.NONE)) {
      edge.origins.fate = Fate.DIED;
      edge.first.next(Behaviour.resetBefore(), Behaviour.resetBefore()).always(Behaviour.silent());
      edge.second.next(Behaviour.resetBefore(), Behaviour.resetBefore()).always(Behaviour.silent());
      for (int i = 0; i < 2; i++) {
        assertThat(edge.call(KEY).text()).contains("outcome_unknown");
        edge.clock.tell(edge.clock.millis() + 5_000);
      }
      assertThat(edge.calls.status().quarantined()).hasSize(2);
      try (RawHttp one = RawHttp.connect(edge.server.port())) {
        one.send(RawHttp.post("/mcp", KEY, CALL));
        int sent = 5;
        Conditions.await("it is at an origin", () -> requests(edge) == sent);
        HttpMessage refused = edge.call(KEY);
        assertThat(refused.status()).isEqualTo(200);
        assertThat(refused.header("Retry-After")).contains("1");
        assertThat(refused.text()).contains("\"id\":7,", "rate_limited");
        assertThat(requests(edge)).isEqualTo(sent);
      }
      edge.first.always(answer(200, ANSWER));
      edge.second.always(answer(200, ANSWER));
      Conditions.await("the first has ended", () -> edge.call(KEY).status() == 200);
    }
  }

  private static int requests(TestEdge edge) {
    return edge.first.requests().size() + edge.second.requests().size();
  }
}
