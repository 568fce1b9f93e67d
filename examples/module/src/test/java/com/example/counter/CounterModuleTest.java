package com.example.counter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.mcpist.module.ToolException;
import com.mcpist.origin.fixture.ModuleClient;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CounterModuleTest {
  @Test
  void itCountsForEachUser() throws Exception {
    try (ModuleClient ann = ModuleClient.start(counter(Map.of()))) {
      ann.call("counter_add", "name", "cups");

      assertThat(ann.call("counter_add", "name", "cups").path("value").asInt()).isEqualTo(2);
      assertThat(ann.as("bob").call("counter_add", "name", "cups").path("value").asInt())
          .isEqualTo(1);
    }
  }

  private static CounterModule counter(Map<String, String> settings) {
    CounterModule module = new CounterModule();
    module.start(settings);
    return module;
  }

  @Test
  void aFullCounterSaysSo() throws Exception {
    try (ModuleClient ann = ModuleClient.start(counter(Map.of("MODULE_COUNTER_MOST", "1")))) {
      ann.call("counter_add", "name", "cups");

      assertThatExceptionOfType(ToolException.class)
          .isThrownBy(() -> ann.call("counter_add", "name", "cups"))
          .withMessageContaining("full");
    }
  }
}
