package com.mcpist.drill;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.drill.tool.Tool;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class ReportTest {
  @Test
  void isAnArrayOfOneObjectForEachFaultAndTool() {
    Report report =
        new Report(
            "partition-database",
            "once",
            "stdio",
            2000,
            90,
            6,
            1,
            5,
            0,
            0,
            3,
            1.24,
            2.25,
            null,
            3.0,
            1234.56,
            10.0,
            null,
            Map.of("it said so", 1));

    JsonNode json = JsonMapper.shared().readTree(Report.json(List.of(report)));
    assertThat(json.toString())
        .isEqualTo(
            """
            [{"fault":"partition-database","tool":"once","transport":"stdio","calls":2000,"inFlight":90,\
            "faultsInFlight":6,"failed":1,"unknown":5,"lost":0,"duplicated":0,"late":3,"p50Millis":1.2,"p99Millis":2.3,"p99BeforeMillis":null,"p99AfterMillis":3.0,\
            "maxMillis":1234.6,"failoverMillis":10.0,"failbackMillis":null,"failures":{"it said so":1}}]\
            """);
    assertThat(Report.json(List.of())).isEqualTo("[ ]");
  }

  @Test
  void toolsAreKnownByTheirLabels() {
    assertThat(Tool.labels()).containsExactly("memory", "reads", "idempotent", "keyed", "once");
    for (Tool tool : Tool.values()) {
      assertThat(Tool.of(tool.label())).contains(tool);
    }
    assertThat(Tool.of("twice")).isEmpty();
  }

  @Test
  void faultsAreKnownByTheirLabels() {
    assertThat(Fault.labels())
        .containsExactly(
            "kill",
            "hang",
            "partition",
            "partition-database",
            "reset",
            "database",
            "read-only",
            "cancel",
            "lock",
            "edge",
            "client");
    for (Fault fault : Fault.values()) {
      assertThat(Fault.of(fault.label())).contains(fault);
    }
    assertThat(Fault.of("flood")).isEmpty();
  }
}
