package com.mcpist.origin.mount.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** How slowly a large message may come. */
final class PaceTest {
  private final Pace pace = new Pace();
  private long now;

  private void comes(int bytes, long seconds) {
    pace.waits(now);
    now += TimeUnit.SECONDS.toNanos(seconds);
    pace.comes(bytes, now);
  }

  @Test
  void anAnswerOf4MibMayTakeAMinute() {
    for (int i = 0; i < 64; i++) {
      comes(Pace.LEAST_RATE, 1);
      assertThat(pace.isTooSlow(now)).isFalse();
    }
  }

  @Test
  void whatDoesNotEndIsTooSlow() {
    pace.waits(now);
    assertThat(pace.isTooSlow(now + TimeUnit.SECONDS.toNanos(10))).isFalse();
    assertThat(pace.isTooSlow(now + TimeUnit.SECONDS.toNanos(10) + 1)).isTrue();
  }

  @Test
  void onlyTheTimeCountsInWhichBytesAreWaitedFor() {
    comes(100, 10);
    now += TimeUnit.HOURS.toNanos(1); // The origin waits for room.
    assertThat(pace.isTooSlow(now)).isFalse();
    comes(100, 1);
    assertThat(pace.isTooSlow(now)).isTrue();
  }
}
