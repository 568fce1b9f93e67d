package com.mcpist.edge.monitor;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.edge.time.LoopClock;
import java.util.List;
import org.junit.jupiter.api.Test;

class HeartbeatTest {
  private static final Heartbeat TICKED = Heartbeat.UNKNOWN.tick(1000, true);

  @Test
  void fourMissedTicksAreSilenceWhileAnotherTicks() {
    assertThat(TICKED.silence(List.of(TICKED.tick(1900, true)), 1999)).isEmpty();
    assertThat(TICKED.silence(List.of(TICKED.tick(1900, true)), 2000))
        .hasValue("no heartbeat for 1000 ms");
  }

  @Test
  void whenAllFallSilentTogetherNoneIs() {
    // Ticks of two origins usually come half a period and more apart.
    Heartbeat other = Heartbeat.UNKNOWN.tick(1240, true);
    for (long now = 1300; now < 60_000; now += 100) {
      assertThat(TICKED.silence(List.of(other), now)).isEmpty();
      assertThat(other.silence(List.of(TICKED), now)).isEmpty();
    }
  }

  @Test
  void theOnlyOriginIsNeverSilent() {
    assertThat(TICKED.silence(List.of(), 90_000)).isEmpty();
    assertThat(TICKED.tick(1250, false).silence(List.of(), 90_000)).isEmpty();
  }

  @Test
  void whatNeverTickedIsNotMissed() {
    assertThat(Heartbeat.UNKNOWN.silence(List.of(TICKED), 1400)).isEmpty();
    assertThat(Heartbeat.ABSENT.silence(List.of(TICKED), 1400)).isEmpty();
  }

  @Test
  void anOriginWithoutAHeartbeatIsAWitnessAndOneNotHeardOfYetIsNot() {
    assertThat(TICKED.silence(List.of(Heartbeat.ABSENT), 2000)).isPresent();
    assertThat(TICKED.silence(List.of(Heartbeat.UNKNOWN), 2000)).isEmpty();
  }

  @Test
  void aMissingDatabaseCountsOnceAnotherOriginHadItLater() {
    Heartbeat cut = TICKED.tick(1250, false).tick(1500, false);
    assertThat(cut.silence(List.of(TICKED.tick(1240, true)), 1500)).isEmpty();
    assertThat(cut.silence(List.of(TICKED.tick(1260, true)), 1500))
        .hasValue("its database does not answer");
    assertThat(cut.tick(1750, true).silence(List.of(TICKED.tick(1760, true)), 1760)).isEmpty();
  }

  @Test
  void aDatabaseThatIsGoneForAllIsNoOriginsFault() {
    Heartbeat a = TICKED;
    Heartbeat b = TICKED.tick(1100, true);
    for (long now = 1250; now < 20_000; now += 250) {
      a = a.tick(now, false);
      assertThat(a.silence(List.of(b), now)).isEmpty();
      b = b.tick(now + 100, false);
      assertThat(b.silence(List.of(a), now + 100)).isEmpty();
    }
  }

  @Test
  void itIsWellAgainWithAGoodTickAfterTheSilence() {
    assertThat(TICKED.wellSince(1000)).isFalse();
    assertThat(TICKED.tick(2100, false).wellSince(2000)).isFalse();
    assertThat(TICKED.tick(2100, true).wellSince(2000)).isTrue();
    assertThat(Heartbeat.ABSENT.wellSince(2000)).isTrue();
  }

  @Test
  void aStoppedEdgeHearsNoSilence() {
    long milli = 1_000_000;
    LoopClock clock = new LoopClock(200, 0);
    Heartbeat a = Heartbeat.UNKNOWN.tick(clock.beat(100 * milli), true);
    Heartbeat b = Heartbeat.UNKNOWN.tick(clock.millis(150 * milli), true);
    long now = clock.beat(3_150 * milli);
    b = b.tick(now, true);
    assertThat(a.silence(List.of(b), now)).isEmpty();
  }
}
