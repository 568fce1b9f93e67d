package com.mcpist.edge.gate;

import io.vertx.core.http.HttpMethod;
import java.util.Set;

/**
 * The kinds of requests. A request's method and its path, exactly as sent, decide its kind alone.
 */
public enum Route {
  MCP,
  METADATA,
  HEALTH,
  /** A path of the status page, or the path at which a browser looks for one. */
  STATUS,
  /** The path at which Stripe tells events. */
  WEBHOOK,
  /** A path of the edge's, with a method that the path does not take. */
  WRONG_METHOD,
  NOT_FOUND;

  public static final String HEALTH_PATH = "/health";
  public static final String MCP_PATH = "/mcp";
  public static final String ROOT_PATH = "/";
  public static final String STATUS_PATH = "/status";
  public static final String SIGN_IN_PATH = STATUS_PATH + "/sign-in";
  public static final String SIGN_OUT_PATH = STATUS_PATH + "/sign-out";
  public static final String WEBHOOK_PATH = "/webhooks/stripe";
  private static final Set<HttpMethod> MCP_METHODS =
      Set.of(HttpMethod.POST, HttpMethod.GET, HttpMethod.DELETE);
  private static final String METADATA_PATH = "/.well-known/oauth-protected-resource";

  public static Route of(HttpMethod method, String uri) {
    return switch (path(uri)) {
      case MCP_PATH -> MCP_METHODS.contains(method) ? MCP : WRONG_METHOD;
      case METADATA_PATH, METADATA_PATH + MCP_PATH -> get(method, METADATA);
      case HEALTH_PATH -> get(method, HEALTH);
      case STATUS_PATH, STATUS_PATH + "/events", STATUS_PATH + "/public" -> get(method, STATUS);
      case SIGN_IN_PATH, SIGN_OUT_PATH -> method.equals(HttpMethod.POST) ? STATUS : WRONG_METHOD;
      case WEBHOOK_PATH -> method.equals(HttpMethod.POST) ? WEBHOOK : WRONG_METHOD;
      case ROOT_PATH -> method.equals(HttpMethod.GET) ? STATUS : NOT_FOUND;
      default -> NOT_FOUND;
    };
  }

  /** Returns the path of a request's target, without the query. */
  public static String path(String uri) {
    int query = uri.indexOf('?');
    return query < 0 ? uri : uri.substring(0, query);
  }

  /** Returns the methods that the path of a request takes, for an Allow header. */
  public static String allowed(String uri) {
    return switch (path(uri)) {
      case MCP_PATH -> "GET, POST, DELETE";
      case SIGN_IN_PATH, SIGN_OUT_PATH, WEBHOOK_PATH -> "POST";
      default -> "GET";
    };
  }

  private static Route get(HttpMethod method, Route route) {
    return method.equals(HttpMethod.GET) ? route : WRONG_METHOD;
  }
}
