package com.mcpist.cli.pair;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.cli.console.Terminal;
import com.mcpist.drill.Report;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class DrillTableTest {
  private static final Terminal PLAIN = new Terminal(false, false, true);
  private static final Terminal COLOUR = new Terminal(true, true, true);

  private static Report report(int failed, Map<String, Integer> failures) {
    return new Report(
        "kill", 2000, 96, 6, failed, 0, 0, 5.25, 20.0, 19.0, null, 512.3, 30.0, 3100.0, failures);
  }

  @Test
  void aLineForEachFaultAndWhatItMeans() {
    String table = DrillCommand.table(List.of(report(0, Map.of())), true, PLAIN);

    assertThat(table.lines().toList().get(0)).startsWith("FAULT  CALLS  IN FLIGHT  FAILED");
    assertThat(table.lines().toList().get(1).replaceAll(" +", " "))
        .isEqualTo("kill 2000 96 at 6 0 0 0 5.3 20.0 19.0 - 512 30.0 3100");
    assertThat(table).contains("Passed: no call failed").doesNotContain("\u001b[");
    assertThat(DrillCommand.table(List.of(report(0, Map.of())), true, COLOUR))
        .doesNotContain("\u001b[31m");
  }

  @Test
  void whatFailedIsMarkedAndWhatItSaidIsTold() {
    String table = DrillCommand.table(List.of(report(3, Map.of("no origin", 3))), true, COLOUR);

    assertThat(table).contains("\u001b[31m     3\u001b[0m", "kill: 3 × no origin", "Not passed");
  }

  @Test
  void whatWasBrokenOffHasNotPassed() {
    assertThat(DrillCommand.table(List.of(report(0, Map.of())), false, PLAIN))
        .contains("Not finished")
        .doesNotContain("Passed");
    assertThat(DrillCommand.table(List.of(report(3, Map.of())), false, PLAIN))
        .contains("Not passed");
  }
}
