package com.mcpist.origin.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

final class DatabaseStateTest {
  private static final long START = 1_000_000_000_000L;
  private static final long WALL = 1_800_000_000_000L;

  @Test
  void nothingIsKnownAtFirst() {
    DatabaseMonitor.State state = DatabaseMonitor.State.unknown(START, WALL);

    assertThat(state.healthy(START)).isFalse();
    assertThat(state.answeredRecently(START)).isFalse();
  }

  @Test
  void anAnswerHoldsForASecondAndForThree() {
    DatabaseMonitor.State state =
        DatabaseMonitor.State.unknown(START, WALL)
            .answered(START, START + Duration.ofMillis(40).toNanos(), WALL);

    assertThat(state.latencyMillis()).isEqualTo(40);
    assertThat(state.answeredRecently(after(state, 1000))).isTrue();
    assertThat(state.answeredRecently(after(state, 1001))).isFalse();
    assertThat(state.healthy(after(state, 3000))).isTrue();
    assertThat(state.healthy(after(state, 3001))).isFalse();
  }

  @Test
  void aPingThatFailsEndsIt() {
    DatabaseMonitor.State state =
        DatabaseMonitor.State.unknown(START, WALL).answered(START, START, WALL).silent(false);

    assertThat(state.healthy(START)).isFalse();
    assertThat(state.answeredRecently(START)).isFalse();
  }

  @Test
  void theDatabasesClockGoesOnFromHalfOfTheWayOfItsAnswer() {
    DatabaseMonitor.State state =
        DatabaseMonitor.State.unknown(START, 1)
            .answered(START, START + Duration.ofMillis(40).toNanos(), WALL);

    assertThat(state.clock(after(state, 0))).isEqualTo(WALL + 20);
    assertThat(state.silent(false).clock(after(state, 5_000))).isEqualTo(WALL + 5_020);
  }

  private static long after(DatabaseMonitor.State state, long millis) {
    return state.answeredAtNanos() + Duration.ofMillis(millis).toNanos();
  }
}
