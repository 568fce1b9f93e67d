package com.mcpist.edge.event;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.edge.pool.FailoverRules;
import com.mcpist.edge.pool.Observation;
import com.mcpist.edge.pool.PoolSettings;
import com.mcpist.edge.pool.PoolState;
import com.mcpist.testkit.MutableClock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class FailoversTest {
  private static final PoolSettings SETTINGS = PoolSettings.DEFAULTS;

  private final MutableClock clock = MutableClock.create();
  private final Instant begin = clock.instant();
  private final List<Event> told = new ArrayList<>();
  private final Failovers failovers = new Failovers(clock, told::add);
  private PoolState pool = PoolState.starting(List.of("a", "b"), SETTINGS, begin);

  private void see(Observation seen) {
    pool = FailoverRules.apply(pool, seen, clock.instant()).state();
    failovers.look(() -> pool);
  }

  private void healthy(String origin) {
    for (int i = 0; i < SETTINGS.consecutiveUp(); i++) {
      see(new Observation.ProbeUp(origin));
    }
  }

  private void bothServe() {
    failovers.look(() -> pool);
    // The second origin serves until the first one is found, which is no failover.
    healthy("b");
    healthy("a");
    assertThat(pool.active()).isEqualTo("a");
    assertThat(told).isEmpty();
  }

  private void fail(String origin) {
    see(new Observation.AttemptFailed(origin, "a call was refused"));
  }

  @Test
  void oneHasItsCauseItsTimesAndWhatCallsHadOfIt() {
    bothServe();
    // This call ends before the failover.
    failovers.answered(true, 2, 9_000);
    fail("a");
    Event running = told.getLast();
    failovers.answered(false, 1, 40);
    failovers.answered(false, 2, 1_200);
    failovers.answered(false, 3, 800);
    failovers.answered(true, 1, 5_000);
    healthy("a");
    clock.advance(SETTINGS.holdDown());
    see(new Observation.ProbeUp("a"));
    // This call ends after the failover.
    failovers.answered(true, 2, 9_000);

    assertThat(told).hasSize(2);
    Event over = told.getLast();
    assertThat(running.ended()).isNull();
    assertThat(running.message()).isEqualTo("b serves");
    assertThat(over.id()).isEqualTo(running.id());
    assertThat(List.of(over.kind(), String.valueOf(over.origin())))
        .containsExactly("failover", "a");
    assertThat(over.at()).isEqualTo(begin);
    assertThat(over.ended()).isEqualTo(begin.plus(SETTINGS.holdDown()));
    assertThat(over.message())
        .isEqualTo("b served 3 s, 2 calls replayed, longest wait 1.2 s, 1 failed");
    assertThat(over.data())
        .containsEntry("cause", "a call was refused")
        .containsEntry("from", "a")
        .containsEntry("to", "b")
        .containsEntry("replayed", 2)
        .containsEntry("longestWaitMillis", 1_200L)
        .containsEntry("failed", 1)
        .containsEntry("noneMillis", 0L)
        .containsEntry("end", "recovered");
  }

  @Test
  void theTimeInWhichNoOriginIsHealthyIsToldApart() {
    bothServe();
    fail("a");
    clock.advance(Duration.ofSeconds(2));
    fail("b");
    clock.advance(Duration.ofSeconds(5));
    healthy("b");
    clock.advance(Duration.ofSeconds(8));
    fail("b");
    clock.advance(Duration.ofMillis(1_500));
    healthy("a");

    assertThat(told).hasSize(2);
    assertThat(told.getLast().message())
        .isEqualTo("b served 10 s, none 6.5 s, 0 calls replayed, longest wait 0 s, 0 failed");
    assertThat(told.getLast().data()).containsEntry("noneMillis", 6_500L);
  }

  @Test
  void whereNoOtherServesNoneDoes() {
    bothServe();
    fail("b");
    assertThat(told).as("it had no calls").isEmpty();
    fail("a");
    clock.advance(Duration.ofSeconds(3));
    healthy("a");

    assertThat(told).extracting(Event::message).first().isEqualTo("no origin serves");
    assertThat(told.getLast().message())
        .isEqualTo("no origin served for 3 s, 0 calls replayed, longest wait 0 s, 0 failed");
    assertThat(told.getLast().data()).doesNotContainKey("to");
  }

  @Test
  void aDrainIsNoFailoverAndEndsOne() {
    bothServe();
    see(new Observation.Drain("a"));
    see(new Observation.Undrain("a"));
    assertThat(told).extracting(Event::kind).containsExactly("drain", "undrain");
    assertThat(told).extracting(Event::message).containsExactly("a is drained", "a is undrained");

    fail("a");
    clock.advance(Duration.ofSeconds(1));
    see(new Observation.Drain("a"));
    assertThat(told)
        .extracting(Event::kind)
        .containsExactly("drain", "undrain", "failover", "drain", "failover");
    assertThat(told.getLast().ended()).isEqualTo(begin.plusSeconds(1));
    assertThat(told.getLast().message()).isEqualTo("drained");
    assertThat(told.getLast().data()).containsEntry("end", "drained");
  }

  @Test
  void whatWasDrainedAtTheStartIsNoEvent() {
    see(new Observation.Drain("b"));
    assertThat(told).isEmpty();
  }

  @Test
  void oneOfAnOriginThatStopsSaysSo() {
    bothServe();
    see(new Observation.Draining("a"));
    assertThat(told.getLast().data()).containsEntry("cause", "it stops");
  }

  @Test
  void oneThatGoesOnIsToldAgainAndHasNoEndWhereItsEdgeHas() {
    bothServe();
    failovers.tellAgain();
    assertThat(told).isEmpty();
    fail("a");
    failovers.answered(false, 2, 100);
    failovers.tellAgain();
    assertThat(told).hasSize(2);
    assertThat(told.getLast().ended()).isNull();
    assertThat(told.getLast().data()).containsEntry("replayed", 1);

    clock.advance(Duration.ofMillis(500));
    failovers.close();
    healthy("a");
    clock.advance(SETTINGS.holdDown());
    see(new Observation.ProbeUp("a"));
    failovers.tellAgain();
    failovers.close();
    assertThat(told).hasSize(3);
    assertThat(told.getLast().ended()).isNull();
    assertThat(told.stream().map(Event::id).distinct()).hasSize(1);
  }

  private List<Event> outages() {
    return told.stream().filter(event -> event.kind().equals("outage")).toList();
  }

  private void down(String origin) {
    fail(origin);
    clock.advance(Duration.ofMillis(100));
    for (int i = 0; i < SETTINGS.consecutiveDown(); i++) {
      see(new Observation.ProbeDown(origin, "/health: connection refused"));
    }
  }

  @Test
  void anOutageBeginsWithItsFirstFailureAndEndsWhenTheOriginIsHealthy() {
    bothServe();
    down("b");
    assertThat(outages()).hasSize(1);
    Event running = outages().getLast();
    clock.advance(Duration.ofMillis(7_100));
    failovers.tellAgain();
    healthy("b");

    assertThat(running.at()).isEqualTo(begin);
    assertThat(running.ended()).isNull();
    assertThat(running.message()).isEqualTo("/health: connection refused");
    assertThat(running.data()).containsExactly(Map.entry("cause", "/health: connection refused"));
    assertThat(outages()).hasSize(3).element(1).isEqualTo(running);
    Event over = outages().getLast();
    assertThat(over.id()).isEqualTo(running.id());
    assertThat(over.origin()).isEqualTo("b");
    assertThat(over.ended()).isEqualTo(begin.plusMillis(7_200));
    assertThat(over.message()).isEqualTo("back after 7.2 s");
    assertThat(over.data()).containsEntry("end", "recovered");
    assertThat(told).as("it had no calls").isEqualTo(outages());
  }

  @Test
  void aSuspicionThatPassesIsNoOutage() {
    bothServe();
    fail("b");
    failovers.tellAgain();
    healthy("b");
    assertThat(told).isEmpty();
  }

  @Test
  void aSilentOriginHasAnOutageAtOnce() {
    bothServe();
    see(new Observation.HeartbeatSilent("b", "no heartbeat for 1 s"));
    assertThat(outages()).extracting(Event::message).containsExactly("no heartbeat for 1 s");
    see(new Observation.HeartbeatResumed("b"));
    assertThat(outages().getLast().message()).isEqualTo("back after 0 s");
  }

  @Test
  void anOutageEndsWithADrainButNotWithItsEdge() {
    bothServe();
    down("b");
    see(new Observation.Drain("b"));
    assertThat(outages()).hasSize(2);
    assertThat(outages().getLast().ended()).isEqualTo(clock.instant());
    assertThat(outages().getLast().message()).isEqualTo("drained");
    assertThat(outages().getLast().data()).containsEntry("end", "drained");

    down("a");
    failovers.close();
    healthy("a");
    assertThat(outages()).hasSize(4);
    assertThat(outages().getLast().ended()).isNull();
    assertThat(outages().getLast().message()).isEqualTo("/health: connection refused");
  }

  @Test
  void itKnowsSinceWhenTheOriginServesThatDoes() {
    assertThat(failovers.activeSince()).isNull();
    bothServe();
    clock.advance(Duration.ofSeconds(9));
    see(new Observation.ProbeUp("a"));
    assertThat(failovers.activeSince()).isEqualTo(begin);
    fail("a");
    assertThat(failovers.activeSince()).isEqualTo(begin.plusSeconds(9));
    fail("b");
    assertThat(failovers.activeSince()).isNull();
  }
}
