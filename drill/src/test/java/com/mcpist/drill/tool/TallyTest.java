package com.mcpist.drill.tool;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.drill.tool.EffectFile.Effect;
import com.mcpist.drill.tool.Told.Word;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A place in the file of effects is the number of effects before it. */
class TallyTest {
  private final List<Told> calls = new ArrayList<>();
  private final List<Effect> effects = new ArrayList<>();

  @Test
  void whatIsDoneAndNotThereIsLost() {
    told("c 1", Word.DONE);
    told("c 2", Word.UNKNOWN);
    for (Tool tool : Tool.values()) {
      assertThat(Tally.of(tool, calls, effects)).isEqualTo(new Tally(1, 0, 0));
    }
    assertThat(Tally.of(calls, Map.of("c 1", 1))).isEqualTo(new Tally(0, 0, 0));
  }

  @Test
  void anEffectOfAnotherToolIsNoneOfThisOne() {
    told("c 1", Word.DONE);
    effect(Tool.READS, "c 1", "");
    assertThat(Tally.of(Tool.ONCE, calls, effects).lost()).isEqualTo(1);
  }

  @Test
  void onlyWhatMayNotRunAgainRanTwice() {
    for (Tool tool : List.of(Tool.ONCE, Tool.READS, Tool.IDEMPOTENT)) {
      effect(tool, "c 1", "");
      effect(tool, "c 1", "");
    }
    told("c 1", Word.DONE);
    assertThat(Tally.of(Tool.ONCE, calls, effects)).isEqualTo(new Tally(0, 1, 0));
    assertThat(Tally.of(Tool.READS, calls, effects)).isEqualTo(new Tally(0, 0, 0));
    assertThat(Tally.of(Tool.IDEMPOTENT, calls, effects)).isEqualTo(new Tally(0, 0, 0));
  }

  @Test
  void aServerIgnoresAKeyThatItHasSeenAndNoOther() {
    effect(Tool.KEYED, "c 1", "one");
    effect(Tool.KEYED, "c 1", "one");
    told("c 1", Word.DONE);
    assertThat(Tally.of(Tool.KEYED, calls, effects)).isEqualTo(new Tally(0, 0, 0));
    effect(Tool.KEYED, "c 1", "another");
    assertThat(Tally.of(Tool.KEYED, calls, effects)).isEqualTo(new Tally(0, 1, 0));
  }

  @Test
  void equalCallsAreEachToHaveAnEffect() {
    told("all 0", Word.DONE);
    told("all 0", Word.DONE);
    effect(Tool.ONCE, "all 0", "");
    assertThat(Tally.of(Tool.ONCE, calls, effects).lost()).isEqualTo(1);
    effect(Tool.ONCE, "all 0", "");
    assertThat(Tally.of(Tool.ONCE, calls, effects)).isEqualTo(new Tally(0, 0, 0));
    effect(Tool.ONCE, "all 0", "");
    assertThat(Tally.of(Tool.ONCE, calls, effects).twice()).isEqualTo(1);
  }

  @Test
  void anOlderValueAfterANewerOneThatIsDoneCounts() {
    told("c 1", Word.DONE);
    told("c 2", Word.DONE);
    told("d 1", Word.DONE);
    effect(Tool.IDEMPOTENT, "c 1", "");
    effect(Tool.IDEMPOTENT, "c 2", "");
    effect(Tool.IDEMPOTENT, "d 1", "");
    effect(Tool.IDEMPOTENT, "c 2", "");
    assertThat(Tally.of(Tool.IDEMPOTENT, calls, effects)).isEqualTo(new Tally(0, 0, 0));
    effect(Tool.IDEMPOTENT, "c 1", "");
    assertThat(Tally.of(Tool.IDEMPOTENT, calls, effects)).isEqualTo(new Tally(0, 1, 0));
  }

  @Test
  void anOlderValueMayFollowOneOfWhichNobodyWasTold() {
    told("c 1", Word.DONE);
    told("c 2", Word.NOTHING);
    effect(Tool.IDEMPOTENT, "c 2", "");
    effect(Tool.IDEMPOTENT, "c 1", "");
    assertThat(Tally.of(Tool.IDEMPOTENT, calls, effects).twice()).isZero();
  }

  @Test
  void anEffectOfWhatWasSaidNotToHaveRunCounts() {
    told("c 1", Word.NOT_RUN);
    for (Tool tool : List.of(Tool.ONCE, Tool.KEYED, Tool.IDEMPOTENT)) {
      effect(tool, "c 1", "");
      assertThat(Tally.of(tool, calls, effects)).as(tool.label()).isEqualTo(new Tally(0, 1, 0));
    }
  }

  @Test
  void anEffectIsLateAfterItsClientWasToldThatItIsUnknown() {
    effect(Tool.ONCE, "c 1", "");
    told("c 1", Word.UNKNOWN);
    told("c 2", Word.UNKNOWN);
    told("c 3", Word.DONE);
    assertThat(Tally.of(Tool.ONCE, calls, effects)).isEqualTo(new Tally(1, 0, 0));
    effect(Tool.ONCE, "c 2", "");
    effect(Tool.ONCE, "c 3", "");
    assertThat(Tally.of(Tool.ONCE, calls, effects)).isEqualTo(new Tally(0, 0, 1));
  }

  private void told(String text, Word word) {
    calls.add(new Told(text, word, effects.size()));
  }

  private void effect(Tool tool, String text, String key) {
    effects.add(new Effect(tool, text, key, effects.size()));
  }
}
