package com.mcpist.e2e.contract;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.testkit.Behaviour;
import com.mcpist.testkit.Conditions;
import com.mcpist.testkit.HttpMessage;
import com.mcpist.testkit.RawHttp;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** A third origin is one more of the same, for every edge. */
class EdgeThreeOriginsIT {
  private static final List<String> NAMES = List.of("one", "two", "three");

  @ParameterizedTest
  @EnumSource
  void theThirdServesWhereTheOthersFailOrAreTakenOut(EdgeKind kind) throws Exception {
    List<FaultyOrigin> origins = new ArrayList<>();
    for (String _ : NAMES) {
      origins.add(new FaultyOrigin().always(ContractRig.WHOLE));
    }
    try (EdgeKind.Running edge = kind.start(config(origins))) {
      awaitAllHealthy(edge);
      origins.get(0).always(Behaviour.resetBefore());
      origins.get(1).always(Behaviour.status(502));
      HttpMessage third = call(edge);
      assertThat(third.status()).isEqualTo(200);
      assertThat(third.header("X-Served-By")).contains("three");
      assertThat(third.header("X-Attempts")).contains("3");

      origins.get(0).always(ContractRig.WHOLE);
      origins.get(1).always(ContractRig.WHOLE);
      awaitActive(edge, "one");
      assertThat(edge.administer("POST", "/origins/one/drain").status()).isEqualTo(200);
      awaitActive(edge, "two");
      assertThat(edge.administer("POST", "/origins/two/drain").status()).isEqualTo(200);
      awaitActive(edge, "three");
      assertThat(call(edge).header("X-Served-By")).contains("three");
      assertThat(edge.administer("POST", "/origins/three/drain").status())
          .as("the last one stays")
          .isEqualTo(409);
      assertThat(edge.administer("POST", "/origins/two/undrain").status()).isEqualTo(200);
      awaitActive(edge, "two");
      assertThat(edge.administer("POST", "/origins/three/drain").status()).isEqualTo(200);
      assertThat(call(edge).header("X-Served-By")).contains("two");
    } finally {
      for (FaultyOrigin origin : origins) {
        origin.close();
      }
    }
  }

  private static ObjectNode config(List<FaultyOrigin> origins) {
    ObjectNode config = JsonMapper.shared().createObjectNode();
    config.put("auth", "none").put("limits", "none").putArray("allowedHosts").add("localhost");
    var list = config.putArray("origins");
    for (int i = 0; i < NAMES.size(); i++) {
      list.addObject().put("name", NAMES.get(i)).put("url", origins.get(i).url());
    }
    config.putObject("monitor").put("intervalSeconds", 0.2).put("consecutiveUp", 1);
    config
        .putObject("edge")
        .put("idleTimeoutMillis", 10_000)
        .put("holdDownSeconds", 0)
        .put("holdDownMaxSeconds", 0);
    return config;
  }

  private static HttpMessage call(EdgeKind.Running edge) throws IOException {
    return RawHttp.exchange(edge.port(), RawHttp.post("/mcp", "", ContractRig.CALL));
  }

  private static void awaitAllHealthy(EdgeKind.Running edge) {
    Conditions.await(
        "all are healthy",
        () -> origins(edge).filter(EdgeThreeOriginsIT::healthy).count() == NAMES.size());
  }

  private static void awaitActive(EdgeKind.Running edge, String name) {
    Conditions.await(
        name + " is active",
        () ->
            origins(edge)
                .anyMatch(
                    origin ->
                        origin.path("name").asString("").equals(name)
                            && origin.path("active").asBoolean(false)
                            && healthy(origin)));
  }

  private static Stream<JsonNode> origins(EdgeKind.Running edge) throws IOException {
    var status = JsonMapper.shared().readTree(edge.administer("GET", "/status").body());
    return status.path("origins").valueStream();
  }

  private static boolean healthy(JsonNode origin) {
    return origin.path("state").asString("").equals("healthy");
  }
}
