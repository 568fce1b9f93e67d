package com.mcpist.pair.rollout;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Of two origins one serves. */
class TurnsTest {
  private static final String ROLLED_OUT = "being rolled out";

  private final Turns turns = new Turns();

  @Test
  void anOriginIsChangedByOneAtATime() {
    assertThat(turns.take("one", ROLLED_OUT, false)).isEmpty();
    assertThat(turns.take("one", "being restarted", false)).contains(ROLLED_OUT);
    turns.giveBack("one");
    assertThat(turns.take("one", "being restarted", false)).isEmpty();
  }

  @Test
  void whileOneIsAwayTheOtherIsNeitherTakenOutNorAway() {
    assertThat(turns.take("one", ROLLED_OUT, true)).isEmpty();

    assertThat(turns.needed("two")).contains("needed while one is being rolled out");
    assertThat(turns.take("two", ROLLED_OUT, true))
        .contains("needed while one is being rolled out");
    assertThat(turns.taken("two")).isEmpty();

    turns.giveBack("one");
    assertThat(turns.needed("two")).isEmpty();
    assertThat(turns.take("two", ROLLED_OUT, true)).isEmpty();
  }

  @Test
  void oneThatOverlapsServesAllTheWhile() {
    assertThat(turns.take("one", ROLLED_OUT, false)).isEmpty();
    assertThat(turns.needed("two")).isEmpty();
    assertThat(turns.take("two", ROLLED_OUT, true)).isEmpty();
    assertThat(turns.needed("one")).contains(ROLLED_OUT);
  }
}
