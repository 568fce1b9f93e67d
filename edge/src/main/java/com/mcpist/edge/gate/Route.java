package com.mcpist.edge.gate;

import io.vertx.core.http.HttpMethod;

/** What an edge does with a request, by its method and its path exactly as sent. Pure. */
public enum Route {
  /** A call. */
  MCP,
  /** The protected resource's metadata. */
  METADATA,
  /** The active origin's health. */
  HEALTH,
  /** A path of the edge's, with a method that it does not take. */
  WRONG_METHOD,
  /** Anything else. */
  NOT_FOUND;

  public static final String HEALTH_PATH = "/health";
  public static final String MCP_PATH = "/mcp";
  private static final String METADATA_PATH = "/.well-known/oauth-protected-resource";

  /** Of a request with this method and this target. */
  public static Route of(HttpMethod method, String uri) {
    int query = uri.indexOf('?');
    return switch (query < 0 ? uri : uri.substring(0, query)) {
      case MCP_PATH -> isMcpMethod(method) ? MCP : WRONG_METHOD;
      case METADATA_PATH, METADATA_PATH + MCP_PATH -> get(method, METADATA);
      case HEALTH_PATH -> get(method, HEALTH);
      default -> NOT_FOUND;
    };
  }

  /** The methods that the path of a request takes, for an Allow header. */
  public static String allowed(String uri) {
    return uri.startsWith(MCP_PATH) ? "GET, POST, DELETE" : "GET";
  }

  private static boolean isMcpMethod(HttpMethod method) {
    return method.equals(HttpMethod.POST)
        || method.equals(HttpMethod.GET)
        || method.equals(HttpMethod.DELETE);
  }

  private static Route get(HttpMethod method, Route route) {
    return method.equals(HttpMethod.GET) ? route : WRONG_METHOD;
  }
}
