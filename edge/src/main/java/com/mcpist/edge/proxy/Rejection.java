package com.mcpist.edge.proxy;

/** Why an edge answers a request itself, before any origin has seen it. */
enum Rejection {
  MALFORMED(400, "bad_request", "The request is not HTTP as RFC 9112 has it."),
  INVALID_REQUEST(
      400,
      "invalid_request",
      "A key or token is taken once, as Authorization: Bearer, and from no query."),
  UNAUTHENTICATED(
      401, "unauthenticated", "This server asks for a key or a token: Authorization: Bearer."),
  INVALID_TOKEN(401, "invalid_token", "The key or token is not valid here, or not any more."),
  INSUFFICIENT_SCOPE(
      403, "insufficient_scope", "The token lacks a scope that this server asks for."),
  FOREIGN_ORIGIN(403, "bad_origin", "Pages of this Origin may not ask this server."),
  NOT_FOUND(404, "not_found", "There is nothing at this path."),
  WRONG_METHOD(405, "method_not_allowed", "This path does not take this method."),
  SLOW_BODY(408, "request_timeout", "The request's body did not come in time."),
  BODY_TOO_LARGE(413, "body_too_large", "The request's body is larger than this server takes."),
  URI_TOO_LONG(414, "uri_too_long", "The request's path is longer than this server takes."),
  EXPECTATION(417, "expectation_failed", "Of expectations, only 100-continue is met."),
  WRONG_HOST(421, "wrong_host", "This server is not asked by this name: see allowedHosts."),
  RATE_LIMITED(429, "rate_limited", "Too many requests: come again after Retry-After seconds."),
  HEADER_TOO_LARGE(431, "header_too_large", "The request's header is larger than is taken."),
  AUTH_UNAVAILABLE(
      503, "auth_unavailable", "Tokens cannot be verified at the moment: try again shortly."),
  OVERLOADED(503, "overloaded", "The server holds as much as it can: try again shortly."),
  OLD_HTTP(505, "http_version_not_supported", "This path needs HTTP/1.1.");

  private final int status;
  private final String code;
  private final String sentence;

  Rejection(int status, String code, String sentence) {
    this.status = status;
    this.code = code;
    this.sentence = sentence;
  }

  int status() {
    return status;
  }

  String code() {
    return code;
  }

  String sentence() {
    return sentence;
  }

  /** Whether what follows on the connection cannot be trusted to be a request. */
  boolean closes() {
    return switch (this) {
      case MALFORMED, SLOW_BODY, URI_TOO_LONG, EXPECTATION, HEADER_TOO_LARGE, OLD_HTTP -> true;
      case NOT_FOUND, WRONG_METHOD, BODY_TOO_LARGE, OVERLOADED, FOREIGN_ORIGIN, WRONG_HOST -> false;
      case INVALID_REQUEST, UNAUTHENTICATED, INVALID_TOKEN, INSUFFICIENT_SCOPE -> false;
      case RATE_LIMITED, AUTH_UNAVAILABLE -> false;
    };
  }
}
