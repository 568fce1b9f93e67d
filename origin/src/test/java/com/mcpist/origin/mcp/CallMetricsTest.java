package com.mcpist.origin.mcp;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.module.Invocation.Attempt;
import com.mcpist.module.ToolResult;
import com.mcpist.origin.fixture.Definitions;
import io.prometheus.metrics.model.registry.Collector;
import io.prometheus.metrics.model.snapshots.DataPointSnapshot;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class CallMetricsTest {
  private final CallMetrics metrics = new CallMetrics();

  private void call(String tool) {
    var offered =
        Catalog.OfferedTool.of("m", Definitions.reading(tool, call -> ToolResult.text("")));
    Attempt attempt = new Attempt(new Attempt.Key("ann", "id", 0, false), 1, null);
    metrics.called(Optional.of(offered), "ok", 1, attempt);
  }

  private List<String> tools() {
    Collector calls = metrics.collectors().get(3);
    return calls.collect().getDataPoints().stream()
        .map(DataPointSnapshot::getLabels)
        .map(labels -> String.valueOf(labels.get("tool")))
        .toList();
  }

  @Test
  void toolsBeyondTheMostAreCountedAsOne() {
    for (int i = 0; i < CallMetrics.MOST_TOOLS + 20; i++) {
      call("tool" + i);
    }
    call("tool7");

    assertThat(tools())
        .hasSize(CallMetrics.MOST_TOOLS + 1)
        .contains("tool7", "other")
        .doesNotContain("tool" + CallMetrics.MOST_TOOLS);
  }
}
