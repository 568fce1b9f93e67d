package com.mcpist.cli.pair;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.cli.console.Terminal;
import com.mcpist.drill.Report;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class DrillTablesTest {
  private static final Terminal PLAIN = new Terminal(false, false, true);
  private static final Terminal COLOUR = new Terminal(true, true, true);

  private static Report report(int failed, Map<String, Integer> failures) {
    return new Report(
        "kill", "memory", null, 2000, 96, 6, failed, 0, 0, 0, 0, 5.25, 20.0, 19.0, null, 512.3,
        30.0, 3100.0, failures);
  }

  private static Report mounted(String tool, int unknown, int late, Map<String, Integer> failures) {
    return new Report(
        "kill", tool, "stdio", 300, 12, 6, 0, unknown, 0, 0, late, 5.25, 20.0, 19.0, null, 512.3,
        30.0, 3100.0, failures);
  }

  @Test
  void aLineForEachFaultAndWhatItMeans() {
    String table = DrillTables.of(List.of(report(0, Map.of())), true, PLAIN);

    List<String> lines = table.lines().map(line -> line.replaceAll(" +", " ")).toList();
    assertThat(lines.get(0)).isEqualTo("FAULT CALLS FAILED LOST TWICE IN FLIGHT FAULTS");
    assertThat(lines.get(1)).isEqualTo("kill 2000 0 0 0 96 6");
    assertThat(lines.get(2)).contains("IN FLIGHT: ", "FAULTS: ");
    assertThat(lines.get(4)).isEqualTo("FAULT P50 P99 BEFORE AFTER LONGEST STANDBY PRIMARY");
    assertThat(lines.get(5)).isEqualTo("kill 5.3 20.0 19.0 - 512 30.0 3100");
    assertThat(table).contains("Passed: no call failed").doesNotContain("\u001b[");
    assertThat(DrillTables.of(List.of(report(0, Map.of())), true, COLOUR))
        .doesNotContain("\u001b[31m");
  }

  @Test
  void whatFailedIsMarkedAndWhatItSaidIsTold() {
    String table = DrillTables.of(List.of(report(3, Map.of("no origin", 3))), true, COLOUR);

    assertThat(table).contains("\u001b[31m     3\u001b[0m", "kill: 3 × no origin", "Not passed");
  }

  @Test
  void aLineForEachMountedTool() {
    List<Report> reports =
        List.of(mounted("reads", 0, 0, Map.of()), mounted("once", 2, 0, Map.of()));
    String table = DrillTables.of(reports, true, PLAIN);

    List<String> lines = table.lines().map(line -> line.replaceAll(" +", " ")).toList();
    assertThat(lines.get(0)).isEqualTo("FAULT TOOL OVER CALLS FAILED UNKNOWN LOST TWICE LATE");
    assertThat(lines.get(1)).isEqualTo("kill reads stdio 300 0 0 0 0 0");
    assertThat(lines.get(2)).isEqualTo("kill once stdio 300 0 2 0 0 0");
    assertThat(lines.get(3)).startsWith("UNKNOWN: ");
    assertThat(lines.get(4)).startsWith("LATE: ");
    assertThat(lines.get(6)).isEqualTo("FAULT TOOL OVER IN FLIGHT P50 P99 LONGEST STANDBY");
    assertThat(lines.get(8)).isEqualTo("kill once stdio 12 5.3 20.0 512 30.0");
    assertThat(table).as("what is unknown has not failed").contains("Passed: ");

    assertThat(DrillTables.of(List.of(mounted("once", 2, 1, Map.of())), true, COLOUR))
        .contains("\u001b[31m   1\u001b[0m", "Not passed");
    assertThat(DrillTables.of(List.of(mounted("once", 0, 0, Map.of("no", 3))), true, PLAIN))
        .contains("kill, once over stdio: 3 × no");
  }

  @Test
  void whatWasBrokenOffHasNotPassed() {
    assertThat(DrillTables.of(List.of(report(0, Map.of())), false, PLAIN))
        .contains("Not finished")
        .doesNotContain("Passed");
    assertThat(DrillTables.of(List.of(report(3, Map.of())), false, PLAIN)).contains("Not passed");
  }
}
