package com.mcpist.pair.supervisor;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.pair.control.PairStatus;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class TrafficTest {
  @Test
  void theSentenceSaysWhoServesAndWhy() {
    assertThat(sentence(seen("one", "suspect", false, "connection refused"), up("two", true)))
        .isEqualTo("two serves now (one: connection refused)");
    assertThat(sentence(seen("one", "drained", false, "an old failure"), up("two", true)))
        .isEqualTo("two serves now (one is drained)");
    assertThat(sentence(seen("one", "unhealthy", false, null), up("two", true)))
        .isEqualTo("two serves now (one is unhealthy)");
    assertThat(sentence(up("one", false), up("two", true))).isEqualTo("two serves now");
  }

  @Test
  void itSaysWhenNobodyServes() {
    assertThat(sentence(up("one", false), up("two", false)))
        .isEqualTo("no origin serves now; calls wait");
  }

  private static String sentence(PairStatus.Origin... origins) {
    EdgeAdmin.View view = new EdgeAdmin.View(List.of(origins), List.of());
    return Traffic.sentence("one", Traffic.serving(view), view);
  }

  private static PairStatus.Origin up(String name, boolean active) {
    return seen(name, "healthy", active, null);
  }

  private static PairStatus.Origin seen(
      String name, String state, boolean active, @Nullable String reason) {
    PairStatus.LastFailure failure =
        reason == null ? null : new PairStatus.LastFailure("2026-01-01T00:00:00Z", reason);
    return new PairStatus.Origin(name, "http://x", null, state, active, "r1", failure);
  }
}
