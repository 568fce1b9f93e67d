package com.mcpist.pair.process;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.pair.process.Keeper.Backoff;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class BackoffTest {
  private static final Duration NEVER = Duration.ZERO;
  private static final Duration STEADY = Duration.ofSeconds(1);

  @Test
  void theFirstRestartIsAtOnceAndTheNextOnesWaitTwiceAsLongEachTime() {
    List<Long> delays =
        Stream.iterate(Backoff.FRESH.after(NEVER), backoff -> backoff.after(NEVER))
            .limit(11)
            .map(backoff -> backoff.delay().toMillis())
            .toList();

    assertThat(delays)
        .containsExactly(
            0L, 250L, 500L, 1000L, 2000L, 4000L, 8000L, 16000L, 30000L, 30000L, 30000L);
  }

  @Test
  void aSteadyRunBeginsAnew() {
    Backoff worn = new Backoff(9);

    assertThat(worn.after(STEADY).delay()).isZero();
    assertThat(worn.after(STEADY).after(NEVER).delay()).isEqualTo(Duration.ofMillis(250));
    assertThat(worn.after(STEADY.minusMillis(1)).delay()).isEqualTo(Duration.ofSeconds(30));
  }

  @Test
  void anEndlessCrashLoopDoesNotOverflow() {
    assertThat(new Backoff(Integer.MAX_VALUE).delay()).isEqualTo(Duration.ofSeconds(30));
  }
}
