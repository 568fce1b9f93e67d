package com.mcpist.e2e.contract;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.e2e.harness.EdgeConfig;
import com.mcpist.testkit.Behaviour;
import com.mcpist.testkit.Conditions;
import com.mcpist.testkit.HttpMessage;
import com.mcpist.testkit.RawHttp;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
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
  private static final int AT_ONCE = 16;
  private final EdgeKind kind;

  EdgeWebhooksIT(EdgeKind kind) {
    this.kind = kind;
  }

  private static HttpMessage tell(ContractRig rig, String event) throws IOException {
    return RawHttp.exchange(
        rig.edge.port(), RawHttp.post("/webhooks/stripe", SIGNATURE + "\nX-Own: no", event));
  }

  /** As an origin answers an event. */
  private static Behaviour.Answer told(int status, String code) {
    return new Behaviour.Answer(
        status,
        Map.of("Content-Type", "application/json", "X-Event-Outcome", code),
        "{\"code\":\"%s\"}".formatted(code).getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void theyPassByteByByteToAnOriginThatTakesThem() throws IOException {
    ObjectNode config = selling();
    config.putObject("auth").put("resource", "https://localhost/mcp").put("keys", true);
    try (ContractRig rig = new ContractRig(kind, config)) {
      rig.settle();
      Behaviour.Answer done = told(200, "done");
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
            Behaviour.status(404), // It sells nothing yet.
            Behaviour.answer(200, "{}"), // A platform's, in its place.
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

      rig.first.next(told(400, "bad_signature"));
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
      rig.second.next(Behaviour.status(404));
      HttpMessage nobody = tell(rig, EVENT);
      assertThat(nobody.status()).isEqualTo(503);
      assertThat(nobody.header("Retry-After")).contains("1");
      rig.settle();
      rig.first.next(told(503, "later"));
      rig.second.next(Behaviour.status(500));
      HttpMessage later = tell(rig, EVENT);
      assertThat(later.status()).isEqualTo(503);
      assertThat(later.text()).isEqualTo("{\"code\":\"later\"}");
    }
  }

  @Test
  void anOriginThatIsNotWellIsNotAskedFirst() throws IOException {
    // Nothing but events comes to an edge that is new.
    try (ContractRig rig = new ContractRig(kind, selling())) {
      rig.first.always(Behaviour.status(503));
      rig.first.health(Behaviour.status(503));
      Behaviour.Answer done = told(200, "done");
      rig.second.always(done);
      Conditions.await(
          "events go to the other one at once",
          () -> {
            int before = rig.first.webhooks().size();
            return tell(rig, EVENT).status() == 200 && rig.first.webhooks().size() == before;
          });
    }
  }

  @Test
  void sixteenAtOnceWaitForNoOther() throws Exception {
    try (ContractRig rig = new ContractRig(kind, selling())) {
      rig.settle();
      rig.first.always(Behaviour.silent());
      rig.second.always(told(200, "done"));
      ConcurrentLinkedQueue<Integer> statuses = new ConcurrentLinkedQueue<>();
      List<Thread> tellers = new ArrayList<>();
      for (int i = 0; i < AT_ONCE; i++) {
        tellers.add(
            Thread.startVirtualThread(
                () -> {
                  try {
                    statuses.add(tell(rig, EVENT).status());
                  } catch (IOException e) {
                    statuses.add(0);
                  }
                }));
      }
      Conditions.await("all are there", () -> rig.first.webhooks().size() == AT_ONCE);
      assertThat(statuses).as("none of them was given up").isEmpty();
      rig.first.refuse();
      for (Thread teller : tellers) {
        teller.join();
      }
      assertThat(statuses).hasSize(AT_ONCE).containsOnly(200);
    }
  }

  private static ObjectNode selling() {
    return JsonMapper.shared().createObjectNode().put("billing", true);
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
