package com.mcpist.edge.monitor;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class LoopClockTest {
  private static final long MILLI = 1_000_000;

  private final LoopClock clock = new LoopClock(200, 0);

  @Test
  void aLoopThatRunsOnTimeKeepsTime() {
    for (long beat = 1; beat <= 50; beat++) {
      assertThat(clock.beat(beat * 100 * MILLI)).isEqualTo(beat * 100);
    }
    assertThat(clock.millis(5_050 * MILLI)).isEqualTo(5_050);
  }

  @Test
  void theTimeInWhichItWasStoppedDoesNotCount() {
    clock.beat(100 * MILLI);
    assertThat(clock.millis(3_100 * MILLI)).isEqualTo(300);
    assertThat(clock.beat(3_100 * MILLI)).isEqualTo(300);
    assertThat(clock.beat(3_200 * MILLI)).isEqualTo(400);
  }

  @Test
  void aStoppedEdgeHearsNoSilence() {
    Pulse a = Pulse.UNKNOWN.tick(clock.beat(100 * MILLI), true);
    Pulse b = Pulse.UNKNOWN.tick(clock.millis(150 * MILLI), true);
    long now = clock.beat(3_150 * MILLI);
    b = b.tick(now, true);
    assertThat(a.silence(List.of(b), now)).isEmpty();
  }
}
