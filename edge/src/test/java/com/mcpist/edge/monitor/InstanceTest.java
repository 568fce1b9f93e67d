package com.mcpist.edge.monitor;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.edge.pool.Origins.Fate;
import org.junit.jupiter.api.Test;

class InstanceTest {
  private final Instance instance = new Instance();

  @Test
  void whatItLivedThroughIsNoDeathWhenItDiesLater() {
    instance.ticked("one", false);
    int before = instance.ticks();
    assertThat(instance.fate(before)).isEqualTo(Fate.UNKNOWN);
    instance.ticked("one", false);
    instance.ticked("one", false);
    assertThat(instance.fate(before)).isEqualTo(Fate.LIVES);
    instance.gone();
    assertThat(instance.fate(before)).isEqualTo(Fate.LIVES);
    assertThat(instance.fate(instance.ticks())).isEqualTo(Fate.DIED);
  }
}
