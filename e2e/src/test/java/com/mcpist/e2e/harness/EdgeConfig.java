package com.mcpist.e2e.harness;

import java.util.Map;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** The environment of an edge that a test starts by itself. */
public final class EdgeConfig {

  /** The secret that it sends to its origins. */
  public static final String SECRET = "the-gateway-secret-of-a-test-0123456789";

  private static final JsonMapper JSON = JsonMapper.shared();

  private EdgeConfig() {}

  /**
   * An edge on loopback whose monitor looks every second; everything else is as it ships.
   *
   * @param origins name and URL of each; where there are several, the order is the map's
   */
  public static Map<String, String> environment(int port, Map<String, String> origins) {
    ObjectNode config = JSON.createObjectNode();
    config.put("host", "127.0.0.1").put("port", port);
    var list = config.putArray("origins");
    origins.forEach((name, url) -> list.addObject().put("name", name).put("url", url));
    config.putObject("monitor").put("intervalSeconds", 1).put("timeoutSeconds", 1);
    return Map.of("EDGE_CONFIG", config.toString(), "GATEWAY_SECRET", SECRET);
  }
}
