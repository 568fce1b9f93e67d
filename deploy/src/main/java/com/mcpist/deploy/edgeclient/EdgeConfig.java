package com.mcpist.deploy.edgeclient;

import com.mcpist.deploy.config.Deployment;
import com.mcpist.deploy.config.Deployment.Cloudflare;
import com.mcpist.deploy.config.Deployment.Edge;
import com.mcpist.deploy.config.Deployment.Monitor;
import com.mcpist.deploy.config.Deployment.Origin;
import java.util.Locale;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

public final class EdgeConfig {
  public static final String MCP = "/mcp";

  private EdgeConfig() {}

  public static ObjectNode monitor(Monitor monitor) {
    ObjectNode json = JsonMapper.shared().createObjectNode().put("path", monitor.path());
    seconds(json, "intervalSeconds", monitor.interval().toMillis());
    seconds(json, "timeoutSeconds", monitor.timeout().toMillis());
    return json.put("retries", monitor.retries())
        .put("consecutiveDown", monitor.consecutiveDown())
        .put("consecutiveUp", monitor.consecutiveUp())
        .put("expectedBody", monitor.expectedBody())
        .put("expectedCode", monitor.expectedCode());
  }

  public static ObjectNode forwarding(Edge edge) {
    ObjectNode json = JsonMapper.shared().createObjectNode();
    seconds(json, "waitSeconds", edge.waitLimit().toMillis());
    json.put("connectTimeoutMillis", edge.connectTimeout().toMillis())
        .put("idleTimeoutMillis", edge.idleTimeout().toMillis())
        .put("maxBodyBytes", edge.maxBodyBytes())
        .put("replay", word(edge.replay()));
    seconds(json, "holdDownSeconds", edge.holdDown().toMillis());
    seconds(json, "holdDownMaxSeconds", edge.holdDownMax().toMillis());
    return json;
  }

  /**
   * The whole of it for the Worker, whose origins are those of the platforms.
   *
   * @param deployment one with a domain
   */
  public static ObjectNode worker(Deployment deployment, Guard guard) {
    ObjectNode json = JsonMapper.shared().createObjectNode();
    deployment.domain().ifPresent(host -> json.putArray("allowedHosts").add(host));
    ArrayNode origins = json.putArray("origins");
    for (Origin origin : deployment.origins()) {
      origins.addObject().put("name", origin.name()).put("url", origin.url().orElse(""));
    }
    json.set("monitor", monitor(deployment.monitor()));
    json.set("edge", forwarding(deployment.edge()));
    json.put("failover", word(deployment.edge().failover()));
    if (deployment.edge().failover() == Edge.Failover.LOAD_BALANCER) {
      deployment
          .cloudflare()
          .flatMap(Cloudflare::loadBalancer)
          .ifPresent(host -> json.put("loadBalancer", "https://" + host));
    }
    guard.addTo(json, "https://" + deployment.domain().orElseThrow() + MCP);
    return json;
  }

  /**
   * The host name of the load balancer that a Worker with this configuration sends calls to; empty
   * where it sends them straight to the origins.
   */
  public static Optional<String> balancerOf(JsonNode config) {
    boolean balanced =
        config.path("failover").asString("").equals(word(Edge.Failover.LOAD_BALANCER));
    return balanced
        ? Optional.of(config.path("loadBalancer").asString("").replaceFirst("^https?://", ""))
        : Optional.empty();
  }

  private static String word(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }

  private static void seconds(ObjectNode json, String name, long millis) {
    if (millis % 1000 == 0) {
      json.put(name, millis / 1000);
    } else {
      json.put(name, millis / 1000.0);
    }
  }
}
