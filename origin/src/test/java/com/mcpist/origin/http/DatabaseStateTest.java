package com.mcpist.origin.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

final class DatabaseStateTest {
  private static final long START = 1_000_000_000_000L;

  @Test
  void nothingIsKnownAtFirst() {
    DatabaseMonitor.State state = DatabaseMonitor.State.unknown(START);

    assertThat(state.healthy(START)).isFalse();
    assertThat(state.answeredRecently(START)).isFalse();
  }

  @Test
  void anAnswerHoldsForASecondAndForThree() {
    DatabaseMonitor.State state =
        DatabaseMonitor.State.unknown(START)
            .answered(START, START + Duration.ofMillis(40).toNanos());

    assertThat(state.latencyMillis()).isEqualTo(40);
    assertThat(state.answeredRecently(after(state, 1000))).isTrue();
    assertThat(state.answeredRecently(after(state, 1001))).isFalse();
    assertThat(state.healthy(after(state, 3000))).isTrue();
    assertThat(state.healthy(after(state, 3001))).isFalse();
  }

  @Test
  void aPingThatFailsEndsIt() {
    DatabaseMonitor.State state =
        DatabaseMonitor.State.unknown(START).answered(START, START).silent();

    assertThat(state.healthy(START)).isFalse();
    assertThat(state.answeredRecently(START)).isFalse();
  }

  private static long after(DatabaseMonitor.State state, long millis) {
    return state.answeredAtNanos() + Duration.ofMillis(millis).toNanos();
  }
}
