package com.mcpist.e2e.history;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.e2e.contract.EdgeKind;
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

  private static Histories.Order order(int seeds, Set<Guard> without, @Nullable Family family) {
    List<EdgeKind> both = List.of(EdgeKind.values());
    boolean stopsAtFirst = !without.isEmpty();
    return new Histories.Order(1, seeds, both, WORLDS, stopsAtFirst, false, without, family);
  }

  @Test
  void noHistoryViolatesARule() throws Exception {
    assertThat(Histories.run(order(SEEDS, Set.of(), null))).isEmpty();
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
