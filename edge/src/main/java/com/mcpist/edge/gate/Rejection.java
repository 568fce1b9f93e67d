package com.mcpist.edge.gate;

import com.mcpist.edge.wire.CallError;
import com.mcpist.edge.wire.Payload;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import java.time.Instant;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/** The reasons for which an edge answers a request itself, before any origin has seen it. */
public enum Rejection {
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
  RATE_LIMITED(429, "rate_limited", "Too many requests."),
  HEADER_TOO_LARGE(431, "header_too_large", "The request's header is larger than is taken."),
  AUTH_UNAVAILABLE(503, "auth_unavailable", "Tokens cannot be verified at the moment."),
  OVERLOADED(503, "overloaded", "The server holds as much as it can at the moment."),
  OLD_HTTP(505, "http_version_not_supported", "This path needs HTTP/1.1.");

  private static final Set<Rejection> CLOSING =
      EnumSet.of(MALFORMED, SLOW_BODY, URI_TOO_LONG, EXPECTATION, HEADER_TOO_LARGE, OLD_HTTP);
  private static final Set<Rejection> FOR_NOW =
      EnumSet.of(RATE_LIMITED, AUTH_UNAVAILABLE, OVERLOADED);
  private static final JsonMapper JSON = JsonMapper.shared();

  private final int status;
  private final String code;
  private final String sentence;

  Rejection(int status, String code, String sentence) {
    this.status = status;
    this.code = code;
    this.sentence = sentence;
  }

  /** Returns why a request that the HTTP decoder could not read is turned away. */
  public static Rejection of(Throwable cause) {
    return switch (cause) {
      case TooLongHttpLineException _ -> URI_TOO_LONG;
      case TooLongHttpHeaderException _ -> HEADER_TOO_LARGE;
      default -> MALFORMED;
    };
  }

  /**
   * Returns the status of the answer. An error that is for now has status 200 if it answers a
   * JSON-RPC request, since every client library shows its user such an error.
   */
  public int status(Payload request) {
    return forNow() && !request.requests().isEmpty() ? 200 : status;
  }

  /** Returns true if the same request may succeed in a moment. */
  public boolean forNow() {
    return FOR_NOW.contains(this);
  }

  /**
   * Returns the answer as a JSON-RPC error, for a path where JSON-RPC is spoken. {@code key} is the
   * client's Idempotency-Key. {@code keepsCalls} is true if the origins recognize a call that is
   * sent again.
   */
  public String answer(
      Payload request, String id, @Nullable String key, boolean keepsCalls, Instant now) {
    return new CallError(
            code, sentence, forNow(), false, keepsCalls, false, false, false, id, key, now)
        .answer(request);
  }

  /** Returns the answer as a plain object, for a path where JSON-RPC is not spoken. */
  public String plain(String id) {
    return JSON.writeValueAsString(
        JSON.createObjectNode().put("code", code).put("message", sentence).put("id", id));
  }

  /** Returns true if the bytes that follow on the connection cannot be trusted to be a request. */
  public boolean closes() {
    return CLOSING.contains(this);
  }

  /** A rejection, and the headers that its answer has beside the usual ones. */
  public record Refusal(Rejection rejection, Map<String, String> headers) {
    private static final String SOON_SECONDS = "1";

    /** Returns a refusal with the headers that this rejection always has. */
    public static Refusal of(Rejection rejection) {
      return new Refusal(
          rejection,
          rejection == Rejection.OVERLOADED || rejection == Rejection.RATE_LIMITED
              ? Map.of("Retry-After", SOON_SECONDS)
              : Map.of());
    }
  }
}
