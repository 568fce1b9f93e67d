package com.mcpist.pair.process;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.pair.process.Keeper.Sign;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class SilenceTest {
  private static final Duration STOP = Duration.ofSeconds(30);
  private static final Silence STARTED = Silence.from(0).after(Sign.READY, 0);

  /** Asked so often, each time that many seconds after the last time. */
  private static Silence asked(Silence silence, Sign sign, int times, int seconds) {
    Silence now = silence;
    for (int i = 0; i < times; i++) {
      now = now.after(sign, now.asked() + TimeUnit.SECONDS.toNanos(seconds));
    }
    return now;
  }

  @Test
  void whatHasNotAnsweredForNineSecondsHangs() {
    assertThat(asked(STARTED, Sign.NONE, 2, 4).isOver(STOP)).isFalse();
    assertThat(asked(STARTED, Sign.NONE, 3, 3).isOver(STOP)).isTrue();
    assertThat(asked(STARTED, Sign.NONE, 3, 3).seconds()).isEqualTo(9);
  }

  @Test
  void anyAnswerIsASignOfLife() {
    Silence before = asked(STARTED, Sign.NONE, 2, 4);
    assertThat(asked(asked(before, Sign.LIVES, 1, 3), Sign.NONE, 2, 4).isOver(STOP)).isFalse();
    assertThat(asked(STARTED, Sign.LIVES, 99, 3).isOver(STOP)).as("its database is away").isFalse();
  }

  @Test
  void whatRefusesEndsOrHangsAtItsEnd() {
    assertThat(asked(STARTED, Sign.REFUSES, 12, 3).isOver(STOP)).isFalse();
    assertThat(asked(STARTED, Sign.REFUSES, 13, 3).isOver(STOP)).isTrue();
  }

  @Test
  void asksThatCameLateProveNothing() {
    Silence before = asked(STARTED, Sign.NONE, 2, 4);
    assertThat(asked(before, Sign.NONE, 1, 3600).seconds()).isZero();
    assertThat(asked(STARTED, Sign.NONE, 99, 8).isOver(STOP)).isFalse();
  }

  @Test
  void aStartMayTakeAMinute() {
    Silence starts = Silence.from(0);
    assertThat(asked(starts, Sign.REFUSES, 59, 1).isOver(STOP)).isFalse();
    assertThat(asked(starts, Sign.REFUSES, 60, 1).isOver(STOP)).isTrue();
    assertThat(asked(starts, Sign.NONE, 20, 3).isOver(STOP)).isTrue();
    assertThat(asked(starts, Sign.LIVES, 99, 3).isOver(STOP)).as("it waits for others").isFalse();
  }
}
