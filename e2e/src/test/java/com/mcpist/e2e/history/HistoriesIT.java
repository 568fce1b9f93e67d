package com.mcpist.e2e.history;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.e2e.contract.EdgeKind;
import com.mcpist.testkit.Conditions;
import com.mcpist.testkit.Need;
import com.mcpist.testkit.Needs;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The histories of a few seeds; bench/histories runs thousands. */
@Tag("alone")
class HistoriesIT {
  private static final int SEEDS = 30;
  private static final int WORLDS = 2;

  /** How old what a program knows of the database's clock may be. */
  private static final long NEAR_MILLIS = 60_000;

  private static Histories.Order order(int seeds, Set<Guard> without, @Nullable Family family) {
    List<EdgeKind> both = List.of(EdgeKind.values());
    boolean stopsAtFirst = !without.isEmpty();
    return new Histories.Order(1, seeds, both, WORLDS, stopsAtFirst, false, without, family);
  }

  @Test
  void noHistoryViolatesARule() throws Exception {
    assertThat(Histories.run(order(SEEDS, Set.of(), null))).isEmpty();
  }

  /** Shows that the clocks in the histories of {@link Family#CLOCKS} are really wrong. */
  @Needs(Need.FAKETIME)
  @Test
  void aProgramSeesThatItsClockJumps() throws Exception {
    try (World world = new World(List.of(EdgeKind.JAVA), Set.of(), true)) {
      for (String program : List.of(Schedule.PRIMARY, Schedule.STANDBY, Schedule.EDGE)) {
        for (int seconds : List.of(10_800, -1_200, 0)) {
          world.setClock(program, Duration.ofSeconds(seconds));
          Conditions.await(
              program + " sees that its clock is " + seconds + " s ahead",
              () -> Math.abs(world.skewMillis(program) - seconds * 1_000L) < NEAR_MILLIS);
        }
      }
      assertThat(world.ended()).isEmpty();
      assertThat(world.isWell()).isTrue();
    }
  }

  /** Else no violation would mean nothing. */
  @Tag("long")
  @ParameterizedTest
  @EnumSource
  void aHistoryFindsOutThatAGuardIsMissing(Guard guard) throws Exception {
    Family family = guard == Guard.FENCE ? Family.LOCKED : Family.LEFT;
    assertThat(Histories.run(order(SEEDS, Set.of(guard), family))).isNotEmpty();
  }
}
