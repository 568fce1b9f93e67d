package com.mcpist.edge.gate;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.edge.gate.auth.Verdict.Caller;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class KnownKeysTest {
  private long nanos = 11;
  private final KnownKeys keys = new KnownKeys(() -> nanos);

  private static Caller holder(String key) {
    return new Caller("key:" + key, true, key);
  }

  private void pass(Duration time) {
    nanos += time.toNanos();
  }

  @Test
  void aKeyIsAcceptedByAnAnswerAndRefusedByOne() {
    for (int status : new int[] {400, 404, 429}) {
      keys.answered(holder("a"), status);
      assertThat(keys.accepts(holder("a")) || keys.refuses(holder("a"))).isFalse();
    }
    for (int refusal : new int[] {401, 403}) {
      keys.answered(holder("a"), 202);
      keys.answered(holder("a"), 404);
      assertThat(keys.accepts(holder("a"))).isTrue();
      assertThat(keys.refuses(holder("a"))).isFalse();
      assertThat(keys.accepts(holder("b"))).as("another").isFalse();
      keys.answered(holder("a"), refusal);
      assertThat(keys.accepts(holder("a"))).isFalse();
      assertThat(keys.refuses(holder("a"))).isTrue();
    }
  }

  @Test
  void aCallerWithoutAKeyHasNoneToAccept() {
    keys.answered(Caller.LOCAL, 200);
    assertThat(keys.accepts(Caller.LOCAL)).isFalse();
    assertThat(keys.refuses(Caller.LOCAL)).isFalse();
  }

  @Test
  void anAcceptanceCountsForTenMinutesAndARefusalForOne() {
    keys.answered(holder("a"), 200);
    pass(Duration.ofMinutes(9));
    keys.answered(holder("a"), 200);
    pass(Duration.ofMinutes(9));
    assertThat(keys.accepts(holder("a"))).isTrue();
    pass(Duration.ofMinutes(1));
    assertThat(keys.accepts(holder("a"))).isFalse();

    keys.answered(holder("a"), 401);
    pass(Duration.ofSeconds(59));
    assertThat(keys.refuses(holder("a"))).isTrue();
    pass(Duration.ofSeconds(1));
    assertThat(keys.refuses(holder("a"))).isFalse();
  }

  @Test
  void keysThatAreMadeUpDisplaceNoAcceptedOne() {
    for (int i = 0; i < 100; i++) {
      keys.answered(holder("good" + i), 200);
    }
    for (int i = 0; i < 10 * KnownKeys.MOST; i++) {
      keys.answered(holder("made up" + i), 401);
    }
    for (int i = 0; i < 100; i++) {
      assertThat(keys.accepts(holder("good" + i))).isTrue();
    }
  }
}
