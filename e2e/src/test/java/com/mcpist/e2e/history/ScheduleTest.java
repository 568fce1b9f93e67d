package com.mcpist.e2e.history;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** What seeds make. */
class ScheduleTest {
  private static final int SEEDS = 500;

  private static List<Schedule> schedules() {
    return LongStream.rangeClosed(1, SEEDS).mapToObj(Schedule::of).toList();
  }

  @Test
  void theSameSeedMakesTheSameSchedule() {
    assertThat(schedules()).isEqualTo(schedules()).doesNotHaveDuplicates();
  }

  @Test
  void eachFamilyComesAboutAsOftenAsItsWeightSays() {
    Map<Family, Long> counts =
        schedules().stream()
            .map(Schedule::family)
            .collect(Collectors.groupingBy(Function.identity(), Collectors.counting()));
    for (Family family : Family.values()) {
      long wanted = (long) SEEDS * family.weight / 100;
      assertThat(counts.get(family)).as(family.name()).isBetween(wanted / 2, wanted * 2);
    }
  }

  @Test
  void theNextFaultWaitsUntilTheLastOneIsRepaired() {
    assertThat(schedules())
        .filteredOn(schedule -> schedule.family() == Family.MIXED)
        .allSatisfy(
            schedule -> {
              boolean broken = false;
              for (Step step : schedule.faults()) {
                if (breaks(step)) {
                  assertThat(broken).as(step.toString()).isFalse();
                  broken = true;
                }
                broken &= !(step instanceof Step.AwaitWell);
              }
              assertThat(broken).isFalse();
            });
  }

  @Test
  void aClockOfEachProgramIsWrongFromItsStartOnOrJumpsLater() {
    Set<String> started = new HashSet<>();
    Set<String> jumped = new HashSet<>();
    for (long seed = 1; seed <= SEEDS; seed++) {
      boolean goesOn = false;
      for (Step step : Schedule.of(seed, Family.CLOCKS).faults()) {
        goesOn |= step instanceof Step.Mark;
        if (step instanceof Step.SetClock(String program, int ahead)) {
          assertThat(ahead).isNotZero();
          (goesOn ? jumped : started).add(program + (ahead > 0 ? " forward" : " back"));
        }
      }
    }
    assertThat(started).hasSize(6).isEqualTo(jumped);
  }

  private static boolean breaks(Step step) {
    return switch (step) {
      case Step.SetClock clock -> clock.secondsAhead() != 0;
      case Step.Kill _,
          Step.Hang _,
          Step.CutFromEdges _,
          Step.CutFromDatabase _,
          Step.Drain _,
          Step.EndProgram _ ->
          true;
      default -> false;
    };
  }

  @Test
  void aCallsArgumentsTellItFromEachOther() {
    for (Schedule schedule : schedules()) {
      List<Call> calls =
          schedule.users().stream()
              .flatMap(List::stream)
              .filter(Step.Send.class::isInstance)
              .map(step -> ((Step.Send) step).call())
              .distinct()
              .toList();
      assertThat(calls.stream().map(Call::id)).doesNotHaveDuplicates();
    }
  }

  @Test
  void aCallWithAnothersKeyHasOtherArguments() {
    Call call = Call.of("u0-1", 0, Target.SAVE, 0).withKey("key");
    assertThat(call.withOtherArguments().arguments()).isNotEqualTo(call.arguments());
    assertThat(call.withOtherArguments().key()).isEqualTo("key");
    assertThat(call.withOtherArguments().hasOthersKey()).isTrue();
    assertThat(call.hasOthersKey()).isFalse();
  }
}
