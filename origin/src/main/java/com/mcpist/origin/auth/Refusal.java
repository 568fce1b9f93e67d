package com.mcpist.origin.auth;

import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Why a request is turned away before anything of it is run.
 *
 * @param status of HTTP
 * @param code a word for programs
 * @param message a sentence for people
 * @param headers beside those of every JSON answer
 */
public record Refusal(int status, String code, String message, Map<String, String> headers) {
  /** Implementation-defined, and outside of the codes that MCP gives a meaning; as an edge's. */
  private static final int SERVER_ERROR = -32000;

  private static final String CHALLENGE = "Bearer realm=\"mcpist\"";

  public Refusal {
    headers = Map.copyOf(headers);
  }

  /** Nobody has said, or nobody properly, who calls. */
  static Refusal unauthenticated() {
    return new Refusal(
        401,
        "unauthenticated",
        "The request must say who calls: through an edge, or by an API key.",
        Map.of("WWW-Authenticate", CHALLENGE));
  }

  /** A token that is none, or none any more; which of these is nobody's business. */
  static Refusal invalidToken() {
    return new Refusal(
        401,
        "invalid_token",
        "The token is not valid.",
        Map.of(
            "WWW-Authenticate",
            CHALLENGE + ", error=\"invalid_token\", error_description=\"The token is not valid\""));
  }

  /** Nobody can say now whether a token is good; another origin may. */
  static Refusal unavailable() {
    return new Refusal(
        503,
        "auth_unavailable",
        "API keys cannot be looked up now: send the request again.",
        Map.of("X-Not-Run", "unavailable", "Retry-After", "1"));
  }

  /**
   * The JSON-RPC error that answers the request.
   *
   * @param id the request's; null where it is not known
   */
  public ObjectNode body(@Nullable JsonNode id) {
    ObjectNode body = JsonNodeFactory.instance.objectNode().put("jsonrpc", "2.0");
    body.set("id", id == null ? JsonNodeFactory.instance.nullNode() : id);
    ObjectNode error = body.putObject("error").put("code", SERVER_ERROR).put("message", message);
    error.putObject("data").put("code", code).put("mayBeSentAgain", true);
    return body;
  }
}
