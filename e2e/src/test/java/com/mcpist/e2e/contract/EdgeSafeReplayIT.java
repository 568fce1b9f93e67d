package com.mcpist.e2e.contract;

import static com.mcpist.e2e.contract.ContractRig.ANSWER;
import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.testkit.Behaviour;
import com.mcpist.testkit.Conditions;
import com.mcpist.testkit.HttpMessage;
import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.json.JsonMapper;

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
    var config = JsonMapper.shared().createObjectNode();
    config.putObject("edge").put("replay", "safe");
    try (ContractRig rig = new ContractRig(kind, config)) {
      rig.settle();
      rig.first.answerLists(Behaviour.answer(200, TOOLS));
      rig.second.answerLists(Behaviour.answer(200, TOOLS));
      assertThat(rig.post("", call("save")).text()).isEqualTo(ANSWER);
      Conditions.await("the tools are known", () -> !rig.first.lists().isEmpty());

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

  private static String call(String tool) {
    return "{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"tools/call\",\"params\":{\"name\":\"%s\"}}"
        .formatted(tool);
  }
}
