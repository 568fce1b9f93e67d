package com.mcpist.origin.mcp;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.module.Module;
import com.mcpist.module.Tool;
import com.mcpist.module.ToolCall;
import com.mcpist.module.ToolResult;
import com.mcpist.origin.fixture.Definitions;
import com.mcpist.origin.fixture.RecordingRunner;
import com.mcpist.origin.fixture.TestStateKey;
import com.mcpist.origin.mcp.McpEndpoint.Admission;
import com.mcpist.origin.trace.Traces;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A batch whose answers hold memory until all of it is answered. */
final class BatchTest {
  private static final long MIB = 1024 * 1024;

  private final Budget budget = new Budget(0, 64 * MIB);
  private final RecordingRunner runner = new RecordingRunner();

  /** A mounted server's tool, whose answer has as many MiB as the call asks for. */
  private final class Mounted implements Module {
    @Override
    public String name() {
      return "mounted";
    }

    @Override
    public List<Tool> tools() {
      return List.of(Definitions.reading("get", this::get));
    }

    private ToolResult get(ToolCall call) throws InterruptedException {
      Budget.Charge charge = budget.answer();
      charge.become(call.arguments().path("mib").asInt() * MIB);
      Call.charge(call.invocation(), charge);
      return ToolResult.text("got");
    }
  }

  private JsonNode post(String... calls) {
    McpEndpoint endpoint =
        new McpEndpoint(
            List.of(new Mounted()),
            runner,
            new Methods.ServerInfo("test", "Test", "1", ""),
            TestStateKey.known(),
            Admission.unlimited(),
            InstantSource.system(),
            Audit.off(),
            Traces.OFF);
    var headers = Map.of("MCP-Protocol-Version", "2025-03-26");
    RecordedExchange exchange = new RecordedExchange(headers::get, budget);
    byte[] body = ("[" + String.join(",", calls) + "]").getBytes(StandardCharsets.UTF_8);
    endpoint.post(() -> body, "ann", exchange);
    exchange.held().close();
    return JsonMapper.shared().readTree(exchange.messages.getLast());
  }

  private static String call(int id, int mib) {
    return """
    {"jsonrpc":"2.0","id":%d,"method":"tools/call",
     "params":{"name":"get","arguments":{"mib":%d}}}\
    """
        .formatted(id, mib);
  }

  /** At 64 MiB, mounted servers' answers have room for 48 in all, and a call for 16. */
  @ParameterizedTest
  @CsvSource({"70, 20, 1", "70, 0, 1", "20, 0, 1", "15, 20, 2", "10, 10, 2"})
  void nothingIsRunBehindALargeAnswer(int first, int second, int run) {
    JsonNode replies = post(call(1, first), call(2, second));

    assertThat(replies).hasSize(2);
    assertThat(replies.path(0).at("/result/content/0/text").asString("")).isEqualTo("got");
    JsonNode last = replies.path(1);
    assertThat(last.path("id").asInt()).isEqualTo(2);
    if (run == 1) {
      assertThat(last.at("/error/data/code").asString("")).isEqualTo("rate_limited");
      assertThat(last.at("/error/data/effect").asString("")).isEqualTo("none");
    } else {
      assertThat(last.at("/result/content/0/text").asString("")).isEqualTo("got");
    }
    assertThat(runner.attempts()).hasSize(run);
    assertThat(budget.held()).isZero();
  }
}
