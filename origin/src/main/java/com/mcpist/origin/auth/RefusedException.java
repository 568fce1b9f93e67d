package com.mcpist.origin.auth;

import java.util.Map;

/**
 * A request that is turned away before anything of it is run. It has no stack trace: there may be
 * many, and none is a mistake.
 */
public final class RefusedException extends Exception {
  private static final long serialVersionUID = 1L;

  private static final String CHALLENGE = "Bearer realm=\"mcpist\"";

  private final int status;
  private final String code;
  private final transient Map<String, String> headers;

  /** By HTTP's status, a word for programs, a sentence for people, and further headers. */
  public RefusedException(int status, String code, String message, Map<String, String> headers) {
    super(message, null, false, false);
    this.status = status;
    this.code = code;
    this.headers = Map.copyOf(headers);
  }

  /** Nobody has said, or nobody properly, who calls. */
  static RefusedException unauthenticated() {
    return new RefusedException(
        401,
        "unauthenticated",
        "The request must say who calls: through an edge, or by an API key.",
        Map.of("WWW-Authenticate", CHALLENGE));
  }

  /** A token that is none, or none any more; which of these is nobody's business. */
  static RefusedException invalidToken() {
    return new RefusedException(
        401,
        "invalid_token",
        "The token is not valid.",
        Map.of(
            "WWW-Authenticate",
            CHALLENGE + ", error=\"invalid_token\", error_description=\"The token is not valid\""));
  }

  /** Nobody can say now whether a token is good; another origin may. */
  static RefusedException unavailable() {
    return new RefusedException(
        503,
        "auth_unavailable",
        "API keys cannot be looked up now.",
        Map.of("X-Not-Run", "unavailable", "Retry-After", "1"));
  }

  /** This origin has no connection of its database for the call; another one may. */
  public static RefusedException busy() {
    return new RefusedException(
        503,
        "busy",
        "All connections of the database are in use.",
        Map.of("X-Not-Run", "busy", "Retry-After", "1"));
  }

  public int status() {
    return status;
  }

  public String code() {
    return code;
  }

  public Map<String, String> headers() {
    return headers;
  }
}
