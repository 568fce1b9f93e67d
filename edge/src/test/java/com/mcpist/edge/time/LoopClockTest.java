package com.mcpist.edge.time;

import static org.assertj.core.api.Assertions.assertThat;

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
    assertThat(clock.millis()).as("at the last beat").isEqualTo(5_000);
  }

  @Test
  void theTimeInWhichItWasStoppedDoesNotCount() {
    clock.beat(100 * MILLI);
    assertThat(clock.millis(3_100 * MILLI)).isEqualTo(300);
    assertThat(clock.beat(3_100 * MILLI)).isEqualTo(300);
    assertThat(clock.beat(3_200 * MILLI)).isEqualTo(400);
  }

  @Test
  void aStopIsRememberedForFiveSeconds() {
    clock.beat(100 * MILLI);
    assertThat(clock.wasStopped(1_099 * MILLI)).isFalse();
    assertThat(clock.wasStopped(1_100 * MILLI)).as("before it beats").isTrue();
    for (long beat = 1_100; beat <= 6_000; beat += 100) {
      clock.beat(beat * MILLI);
    }
    assertThat(clock.wasStopped(6_099 * MILLI)).isTrue();
    assertThat(clock.wasStopped(6_100 * MILLI)).isFalse();
  }
}
