package com.mcpist.e2e.history;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.e2e.history.History.Death;
import com.mcpist.e2e.history.History.Effect;
import com.mcpist.e2e.history.History.Outcome;
import com.mcpist.e2e.history.History.Sending;
import com.mcpist.e2e.history.Rules.Violation;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Histories made by hand: what keeps to the promise, and what violates each rule. */
class RulesTest {
  private static final Call ACT = Call.of("act", 0, Target.act(Target.QUICK), 0);
  private static final Call SAVE = Call.of("save", 0, Target.SAVE, 1_000);
  private static final Call LOOK = Call.of("look", 0, Target.look(Target.WEB), 0);

  private final List<Sending> sendings = new ArrayList<>();
  private final List<Effect> effects = new ArrayList<>();
  private final List<Death> deaths = new ArrayList<>();
  private final List<Long> kills = new ArrayList<>();
  private final List<Step> steps = new ArrayList<>();
  private Family family = Family.MIXED;

  private void sent(Call call, long at, long until, Outcome outcome, String token) {
    steps.add(new Step.Send(call, Step.Manner.WAITS, "2026-07-28", 0));
    sendings.add(new Sending(call, "JAVA", call.key(), at, until, outcome, token, "told"));
  }

  private void sentToWorker(Call call, long at, long until, Outcome outcome) {
    steps.add(new Step.Send(call, Step.Manner.WAITS, "2026-07-28", 0));
    sendings.add(new Sending(call, "WORKER", call.key(), at, until, outcome, "", "told"));
  }

  private void left(Call call, String edge, long at, long until) {
    steps.add(new Step.Send(call, Step.Manner.LEAVES, "2026-07-28", 0));
    sendings.add(new Sending(call, edge, "", at, until, Outcome.NOTHING, "", "left"));
  }

  private void effect(Call call, String token, long at, long answeredAt) {
    effects.add(new Effect(call.id(), "a server", token, at, answeredAt, call.version()));
  }

  private List<String> violated() {
    Schedule schedule = new Schedule(1, family, List.of(), List.of(steps), 0);
    return Rules.check(new History(schedule, sendings, effects, deaths, kills, List.of())).stream()
        .map(Violation::rule)
        .toList();
  }

  @Test
  void aCallThatRunsOnceAndIsAnsweredKeepsToAll() {
    sent(ACT, 0, 100, Outcome.DONE, "1");
    effect(ACT, "1", 50, 90);
    sent(SAVE, 100, 200, Outcome.DONE, "m");
    effect(SAVE, "m", History.NEVER, History.NEVER);
    sent(LOOK, 200, 300, Outcome.DONE, "3");
    assertThat(violated()).isEmpty();
  }

  @Test
  void anAcknowledgedEffectThatIsNotThereIsLost() {
    sent(SAVE, 0, 100, Outcome.DONE, "m");
    assertThat(violated()).containsExactly("acknowledged");
  }

  @Test
  void twoEffectsAreOneTooMany() {
    left(ACT, "JAVA", 0, 100);
    effect(ACT, "1", 50, 1_000);
    sent(ACT, 2_000, 2_100, Outcome.DONE, "2");
    effect(ACT, "2", 2_050, 2_090);
    assertThat(violated()).containsExactly("once");
  }

  @Test
  void twoEffectsOfASaveAreOneTooMany() {
    left(SAVE, "JAVA", 0, 100);
    sent(SAVE, 2_000, 2_100, Outcome.DONE, "n");
    effect(SAVE, "m", History.NEVER, History.NEVER);
    effect(SAVE, "n", History.NEVER, History.NEVER);
    assertThat(violated()).containsExactly("once");
  }

  @Test
  void aClientThatLeavesAsTheAnswerComesMayHaveIt() {
    left(ACT, "JAVA", 0, 100);
    effect(ACT, "1", 50, 99);
    sent(ACT, 2_000, 2_100, Outcome.DONE, "2");
    effect(ACT, "2", 2_050, 2_090);
    assertThat(violated()).isEmpty();
  }

  @Test
  void aCallIsRememberedForAMinute() {
    left(ACT, "JAVA", 0, 100);
    effect(ACT, "1", 50, 1_000);
    sent(ACT, 61_000, 61_100, Outcome.DONE, "2");
    effect(ACT, "2", 61_050, 61_090);
    assertThat(violated()).isEmpty();
  }

  @Test
  void aWorkerThatIsKilledForgetsWhoHadNoAnswer() {
    family = Family.EDGE_KILLED;
    left(ACT, "WORKER", 0, 100);
    effect(ACT, "1", 50, 1_000);
    sent(ACT, 2_000, 2_100, Outcome.DONE, "2");
    effect(ACT, "2", 2_050, 2_090);
    assertThat(violated()).isEmpty();
  }

  @Test
  void whatDidNotRunMustNotRunLater() {
    sent(ACT, 0, 100, Outcome.NOT_RUN, "");
    assertThat(violated()).isEmpty();
    effect(ACT, "1", 3_000, 3_010);
    assertThat(violated()).containsExactly("not run", "late");
  }

  @Test
  void anUnknownCallMustNotBeginAfterItsClientWasTold() {
    sent(ACT, 0, 3_000, Outcome.UNKNOWN, "");
    effect(ACT, "1", 2_000, History.NEVER);
    assertThat(violated()).isEmpty();
    effects.clear();
    effect(ACT, "1", 5_000, 5_010);
    assertThat(violated()).containsExactly("late");
  }

  @Test
  void aCallHasOneResult() {
    Call keyed = ACT.withKey("key");
    sent(keyed, 0, 100, Outcome.DONE, "1");
    effect(keyed, "1", 50, 90);
    sent(keyed, 200, 300, Outcome.DONE, "1");
    assertThat(violated()).isEmpty();
    sent(keyed, 400, 500, Outcome.DONE, "2");
    assertThat(violated()).containsExactly("first result");
  }

  @Test
  void aKeyWithOtherArgumentsIsRefusedAndNotRun() {
    Call other = ACT.withKey("key").withOtherArguments();
    sent(other, 0, 100, Outcome.KEY_TAKEN, "");
    assertThat(violated()).isEmpty();
    sent(other, 200, 300, Outcome.DONE, "1");
    assertThat(violated()).containsExactly("key");
    effect(other, "1", 250, 290);
    assertThat(violated()).containsExactly("key", "key");
  }

  @Test
  void twoKillsUnderACallLookLikeADeadlyCall() {
    sent(SAVE, 100, 3_000, Outcome.UNKNOWN, "");
    kills.addAll(List.of(50L, 200L));
    assertThat(violated()).containsExactly("answered");
    kills.add(2_100L);
    assertThat(violated()).isEmpty();
  }

  @Test
  void noCallHangsOrFails() {
    sent(LOOK, 0, 20_000, Outcome.TOO_LATE, "");
    sent(LOOK, 0, 100, Outcome.FAILED, "");
    sent(LOOK, 0, 100, Outcome.UNKNOWN, "");
    sent(SAVE, 0, 100, Outcome.NOT_RUN, "");
    sent(SAVE, 0, 100, Outcome.UNKNOWN, "");
    sent(ACT, 0, 100, Outcome.KEY_TAKEN, "");
    sent(ACT, 0, 100, Outcome.NOTHING, "");
    assertThat(violated()).hasSize(7).containsOnly("answered");
  }

  @Test
  void aDeadlyCallEndsTwoProcessesOrThreeBesideOthers() {
    family = Family.DEADLY;
    sent(LOOK.thatKills(), 0, 100, Outcome.UNKNOWN, "");
    for (int i = 0; i < 2; i++) {
      deaths.add(new Death(LOOK.id(), "primary", 50 + i));
    }
    assertThat(violated()).isEmpty();
    deaths.add(new Death(LOOK.id(), "primary", 60));
    assertThat(violated()).containsExactly("deadly");
    sent(SAVE, 0, 100, Outcome.DONE, "m");
    effect(SAVE, "m", History.NEVER, History.NEVER);
    assertThat(violated()).isEmpty();
    deaths.add(new Death(LOOK.id(), "standby", 70));
    assertThat(violated()).containsExactly("deadly");
  }

  @Test
  void aDeadlyCallEndsTwelveProcessesBehindTheWorkerAtMost() {
    family = Family.DEADLY;
    sentToWorker(LOOK.thatKills(), 0, 100, Outcome.UNKNOWN);
    for (int i = 0; i < 12; i++) {
      deaths.add(new Death(LOOK.id(), "primary", 50 + i));
    }
    assertThat(violated()).isEmpty();
    deaths.add(new Death(LOOK.id(), "primary", 60));
    assertThat(violated()).containsExactly("deadly");
  }

  @Test
  void aRegisterKeepsTheLastAcknowledgedVersion() {
    Call first = Call.of("first", 0, Target.set(Target.SLOW), 0).withVersion(1);
    Call second = Call.of("second", 0, Target.set(Target.SLOW), 0).withVersion(2);
    sent(first, 0, 100, Outcome.DONE, "1");
    effect(first, "1", 50, 90);
    sent(second, 200, 300, Outcome.DONE, "2");
    effect(second, "2", 250, 290);
    assertThat(violated()).isEmpty();
    effect(first, "3", 5_000, 5_010);
    assertThat(violated()).containsExactly("register");
  }

  @Test
  void anOriginThatNothingStopsDoesNotEnd() {
    deaths.add(new Death("", "primary", 100));
    assertThat(violated()).containsExactly("ended");
  }
}
