package com.mcpist.edge.gate;

import io.vertx.core.http.HttpMethod;
import java.util.Set;

/** What an edge does with a request, by its method and its path exactly as sent. Pure. */
public enum Route {
  MCP,
  METADATA,
  HEALTH,
  /** A path of the edge's, with a method that it does not take. */
  WRONG_METHOD,
  NOT_FOUND;

  public static final String HEALTH_PATH = "/health";
  public static final String MCP_PATH = "/mcp";
  private static final Set<HttpMethod> MCP_METHODS =
      Set.of(HttpMethod.POST, HttpMethod.GET, HttpMethod.DELETE);
  private static final String METADATA_PATH = "/.well-known/oauth-protected-resource";

  public static Route of(HttpMethod method, String uri) {
    int query = uri.indexOf('?');
    return switch (query < 0 ? uri : uri.substring(0, query)) {
      case MCP_PATH -> MCP_METHODS.contains(method) ? MCP : WRONG_METHOD;
      case METADATA_PATH, METADATA_PATH + MCP_PATH -> get(method, METADATA);
      case HEALTH_PATH -> get(method, HEALTH);
      default -> NOT_FOUND;
    };
  }

  /** The methods that the path of a request takes, for an Allow header. */
  public static String allowed(String uri) {
    return uri.startsWith(MCP_PATH) ? "GET, POST, DELETE" : "GET";
  }

  private static Route get(HttpMethod method, Route route) {
    return method.equals(HttpMethod.GET) ? route : WRONG_METHOD;
  }
}
