package com.mcpist.e2e.contract;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.e2e.harness.EdgeConfig;
import com.mcpist.testkit.Behaviour;
import com.mcpist.testkit.HttpMessage;
import com.mcpist.testkit.RawHttp;
import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Events of Stripe pass as they come, without a key: the same with every edge. */
@ParameterizedClass(name = "{0}")
@EnumSource(EdgeKind.class)
class EdgeWebhooksIT {
  private static final String EVENT = "{ \"id\" : \"evt_1\",\t\"\u00e9\u65e5\": [1.0, 1e2] }\n";
  private static final String SIGNATURE = "Stripe-Signature: t=1,v1=00,v1=11";
  private final EdgeKind kind;

  EdgeWebhooksIT(EdgeKind kind) {
    this.kind = kind;
  }

  private static HttpMessage tell(ContractRig rig, String event) throws IOException {
    return RawHttp.exchange(
        rig.edge.port(), RawHttp.post("/webhooks/stripe", SIGNATURE + "\nX-Own: no", event));
  }

  @Test
  void theyPassByteByByteToAnOriginThatTakesThem() throws IOException {
    ObjectNode config = JsonMapper.shared().createObjectNode().put("billing", true);
    config.putObject("auth").put("resource", "https://localhost/mcp").put("keys", true);
    try (ContractRig rig = new ContractRig(kind, config)) {
      rig.settle();
      Behaviour.Answer done = Behaviour.answer(200, "{\"code\":\"done\"}");
      rig.first.always(done);
      rig.second.always(done);
      assertThat(tell(rig, EVENT).text()).isEqualTo("{\"code\":\"done\"}");
      HttpMessage seen = rig.first.webhooks().getFirst();
      assertThat(seen.text()).isEqualTo(EVENT);
      assertThat(seen.headers("Stripe-Signature")).containsExactly("t=1,v1=00,v1=11");
      assertThat(seen.headers("X-Gateway-Secret")).containsExactly(EdgeConfig.SECRET);
      assertThat(seen.headers("X-Own")).isEmpty();
      assertThat(rig.second.webhooks()).isEmpty();

      for (Behaviour failing :
          new Behaviour[] {
            Behaviour.resetBefore(),
            Behaviour.status(503),
            new Behaviour.Answer(403, Map.of("X-Not-Run", "forbidden"), new byte[0])
          }) {
        int before = rig.second.webhooks().size();
        rig.first.next(failing);
        assertThat(tell(rig, EVENT).status()).as("%s", failing).isEqualTo(200);
        assertThat(rig.second.webhooks()).hasSize(before + 1);
        rig.settle();
        rig.first.always(done);
        rig.second.always(done);
      }

      rig.first.next(Behaviour.answer(400, "{\"code\":\"bad_signature\"}"));
      HttpMessage bad = tell(rig, EVENT);
      assertThat(bad.status()).isEqualTo(400);
      assertThat(bad.text()).isEqualTo("{\"code\":\"bad_signature\"}");
      assertThat(rig.second.webhooks()).isEmpty();

      // More than calls may have here, and less than events may.
      String long1 = "x".repeat(200 * 1024);
      assertThat(tell(rig, long1).status()).isEqualTo(200);
      assertThat(rig.first.webhooks().getLast().text()).isEqualTo(long1);
      assertThat(tell(rig, "x".repeat(300 * 1024)).status()).isEqualTo(413);
      assertThat(rig.get("/webhooks/stripe", "").status()).isEqualTo(405);
      assertThat(rig.get("/webhooks/stripe", "").header("Allow")).contains("POST");

      rig.first.next(Behaviour.status(500));
      rig.second.next(Behaviour.status(500));
      HttpMessage nobody = tell(rig, EVENT);
      assertThat(nobody.status()).isEqualTo(503);
      assertThat(nobody.header("Retry-After")).contains("1");
    }
  }

  @Test
  void whereNothingIsSoldThereIsNoSuchPath() throws IOException {
    try (ContractRig rig = new ContractRig(kind)) {
      rig.settle();
      assertThat(tell(rig, EVENT).status()).isEqualTo(404);
      assertThat(rig.get("/webhooks/stripe", "").status()).isEqualTo(404);
      assertThat(rig.first.webhooks()).isEmpty();
    }
  }
}
