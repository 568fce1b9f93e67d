package com.mcpist.pair.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class BackoffTest {
  private static final Duration NEVER = Duration.ZERO;
  private static final Duration STEADY = Duration.ofSeconds(1);
  private static final Duration LONGEST = Duration.ofSeconds(30);

  @Test
  void theFirstRestartIsAtOnceAndTheNextOnesWaitTwiceAsLongEachTime() {
    List<Long> delays =
        Stream.iterate(Backoff.FRESH.after(NEVER, false), backoff -> backoff.after(NEVER, false))
            .limit(11)
            .map(backoff -> backoff.delay(LONGEST).toMillis())
            .toList();

    assertThat(delays)
        .containsExactly(
            0L, 250L, 500L, 1000L, 2000L, 4000L, 8000L, 16000L, 30000L, 30000L, 30000L);
  }

  @Test
  void aSteadyRunBeginsAnew() {
    Backoff worn = new Backoff(9);

    assertThat(delay(worn.after(STEADY, false))).isZero();
    assertThat(delay(worn.after(STEADY, false).after(NEVER, false)))
        .isEqualTo(Duration.ofMillis(250));
    assertThat(delay(worn.after(STEADY.minusMillis(1), false))).isEqualTo(LONGEST);
  }

  @Test
  void whatWasKilledIsStartedAtOnceHoweverOften() {
    Backoff worn = new Backoff(9);

    assertThat(delay(worn.after(NEVER, true))).isZero();
    assertThat(delay(worn.after(NEVER, true).after(NEVER, true))).isZero();
    assertThat(delay(worn.after(NEVER, true).after(NEVER, false)))
        .as("it dies of itself next")
        .isEqualTo(Duration.ofMillis(250));
  }

  @Test
  void anEndlessCrashLoopDoesNotOverflow() {
    assertThat(delay(new Backoff(Integer.MAX_VALUE))).isEqualTo(LONGEST);
    assertThat(new Backoff(Integer.MAX_VALUE).delay(STEADY)).isEqualTo(STEADY);
  }

  private static Duration delay(Backoff backoff) {
    return backoff.delay(LONGEST);
  }
}
