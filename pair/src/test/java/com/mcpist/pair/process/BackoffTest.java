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
    Backoff worn = new Backoff(9, false);

    assertThat(delay(worn.after(STEADY, false))).isZero();
    assertThat(delay(worn.after(STEADY, false).after(NEVER, false)))
        .isEqualTo(Duration.ofMillis(250));
    assertThat(delay(worn.after(STEADY.minusMillis(1), false))).isEqualTo(LONGEST);
  }

  @Test
  void aFewKillsAreNoFaultOfTheProgram() {
    List<Backoff> kills =
        Stream.iterate(Backoff.FRESH.after(NEVER, true), backoff -> backoff.after(NEVER, true))
            .limit(5)
            .toList();

    assertThat(kills.subList(0, 4)).extracting(BackoffTest::delay).containsOnly(Duration.ZERO);
    assertThat(delay(kills.get(4))).as("killed at each start").isPositive();
    assertThat(kills.get(4).shortRuns()).isEqualTo(5);
    assertThat(kills.get(4).after(STEADY, true).shortRuns()).isEqualTo(1);
  }

  @Test
  void anEndlessCrashLoopDoesNotOverflow() {
    assertThat(delay(new Backoff(Integer.MAX_VALUE, false))).isEqualTo(LONGEST);
    assertThat(new Backoff(Integer.MAX_VALUE, false).delay(STEADY)).isEqualTo(STEADY);
  }

  private static Duration delay(Backoff backoff) {
    return backoff.delay(LONGEST);
  }
}
