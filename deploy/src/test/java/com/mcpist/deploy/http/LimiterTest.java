package com.mcpist.deploy.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.deploy.http.Call.Pace;
import com.mcpist.deploy.time.TestTime;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class LimiterTest {
  private final TestTime time = TestTime.create();
  private final ApiClient.Limiter limiter = new ApiClient.Limiter(time);

  @Test
  void aBurstIsFreeAndThenEachWaitsItsTurn() {
    Pace pace = new Pace("a", 3, 1);

    assertThat(Stream.generate(() -> limiter.take(pace)).limit(5))
        .containsExactly(
            Duration.ZERO,
            Duration.ZERO,
            Duration.ZERO,
            Duration.ofSeconds(1),
            Duration.ofSeconds(2));
    assertThat(limiter.take(new Pace("b", 3, 1))).as("another key").isZero();
  }

  @Test
  void aQuietTimeGivesTheBurstBackAndNoMore() {
    Pace pace = new Pace("a", 2, 2);
    for (int i = 0; i < 2; i++) {
      assertThat(limiter.take(pace)).isZero();
    }
    time.clock().advance(Duration.ofHours(1));

    assertThat(Stream.generate(() -> limiter.take(pace)).limit(3))
        .containsExactly(Duration.ZERO, Duration.ZERO, Duration.ofMillis(500));
  }
}
