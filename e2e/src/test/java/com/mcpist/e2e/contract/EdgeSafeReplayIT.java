package com.mcpist.e2e.contract;

import static com.mcpist.e2e.contract.ContractRig.ANSWER;
import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.testkit.Behaviour;
import com.mcpist.testkit.Conditions;
import com.mcpist.testkit.HttpMessage;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Origins that keep no ledger: only what reads is sent again, the same with every edge. */
@ParameterizedClass(name = "{0}")
@EnumSource(EdgeKind.class)
class EdgeSafeReplayIT {
  private static final String TOOLS =
      """
      {"jsonrpc":"2.0","id":1,"result":{"tools":[
        {"name":"look","annotations":{"readOnlyHint":true}},{"name":"save"}]}}\
      """;
  private final EdgeKind kind;

  EdgeSafeReplayIT(EdgeKind kind) {
    this.kind = kind;
  }

  @Test
  void onlyWhatReadsIsSentAgain() throws IOException {
    try (ContractRig rig = new ContractRig(kind)) {
      rig.settle();
      for (FaultyOrigin each : List.of(rig.first, rig.second)) {
        each.health(Behaviour.status(404)); // Nor is there a /health: they are asked by MCP.
        each.answerLists(Behaviour.withoutLedger(200, ANSWER));
      }
      Conditions.await(
          "they have been asked by MCP", () -> isAsked(rig, rig.first) && isAsked(rig, rig.second));
      rig.first.answerLists(Behaviour.withoutLedger(200, TOOLS));
      rig.second.answerLists(Behaviour.withoutLedger(200, TOOLS));
      assertThat(rig.post("", call("save")).text()).isEqualTo(ANSWER);
      Conditions.await("the tools are known", () -> !rig.first.edges("tools/list").isEmpty());

      rig.first.next(Behaviour.resetBefore());
      HttpMessage read = rig.post("", call("look"));
      assertThat(read.text()).isEqualTo(ANSWER);
      assertThat(read.header("X-Attempts")).contains("2");

      rig.awaitStates("healthy", "healthy");
      int before = rig.second.calls().size();
      rig.first.next(Behaviour.status(500));
      HttpMessage written = rig.post("", call("save"));
      assertThat(written.status()).isEqualTo(200);
      assertThat(written.text()).contains("\"code\":\"outcome_unknown\"");
      assertThat(rig.second.calls()).hasSize(before);
      assertThat(rig.second.undelivered()).as("it would run it").isEmpty();

      rig.awaitStates("healthy", "healthy");
      Behaviour full = new Behaviour.Answer(503, Map.of("X-Not-Run", "overloaded"), new byte[0]);
      rig.first.next(full);
      assertThat(rig.post("", call("save")).text()).as("it was not run").isEqualTo(ANSWER);
    }
  }

  /**
   * Returns true if the origin was asked twice, so that the edge has read the answer to the first
   * question.
   */
  private static boolean isAsked(ContractRig rig, FaultyOrigin origin) throws IOException {
    return rig.status() != null && origin.edges("ping").size() > 1;
  }

  private static String call(String tool) {
    return "{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"tools/call\",\"params\":{\"name\":\"%s\"}}"
        .formatted(tool);
  }
}
