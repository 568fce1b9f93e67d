package com.mcpist.edge.proxy;

import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import org.jspecify.annotations.Nullable;

/** What a call's header says to the edge, and what the edge says to an origin. */
final class CallHeaders {
  private static final String IDEMPOTENCY_KEY = "Idempotency-Key";
  private static final String PROTOCOL_VERSION = "MCP-Protocol-Version";
  private static final String CLOSING_CANCELS_SINCE = "2026-07-28";
  private static final CharSequence GATEWAY_SECRET =
      HttpHeaders.createOptimized("X-Gateway-Secret");
  private static final CharSequence CALL_ID = HttpHeaders.createOptimized("X-Call-Id");
  private static final CharSequence ATTEMPT = HttpHeaders.createOptimized("X-Attempt");
  private static final CharSequence DEADLINE = HttpHeaders.createOptimized("X-Deadline");
  private static final CharSequence USER_ID = HttpHeaders.createOptimized("X-User-Id");
  private static final CharSequence LOCAL = HttpHeaders.createOptimized("local");

  private final MultiMap fromClient;
  private final Route route;
  private final String callId;

  CallHeaders(MultiMap fromClient, Route route, String callId) {
    this.fromClient = fromClient;
    this.route = route;
    this.callId = callId;
  }

  /** Fills an attempt's header. */
  void put(MultiMap to, Attempt attempt, String gatewaySecret) {
    if (route == Route.HEALTH) {
      return; // As anyone may ask it: an origin tells those who have the secret more.
    }
    HeaderHygiene.toOrigin(fromClient, to);
    put(to, callId, attempt.number(), attempt.deadline(), gatewaySecret);
  }

  private static void put(
      MultiMap to, String callId, int number, long deadline, String gatewaySecret) {
    to.set(GATEWAY_SECRET, gatewaySecret)
        .set(CALL_ID, callId)
        .set(ATTEMPT, Integer.toString(number))
        .set(DEADLINE, Long.toString(deadline))
        .set(USER_ID, LOCAL);
  }

  /** Fills the header of a request that the edge makes for itself. */
  static void putOwn(MultiMap to, EventLoop loop, String version, String rpcMethod) {
    long deadline = System.currentTimeMillis() + loop.shared().config().attemptMillis();
    put(to, loop.newCallId(), 1, deadline, loop.shared().gatewaySecret().get());
    to.set(HttpHeaders.CONTENT_TYPE, "application/json")
        .set(HttpHeaders.ACCEPT, "application/json, text/event-stream")
        .set(PROTOCOL_VERSION, version);
    if (!rpcMethod.isEmpty()) {
      to.set("Mcp-Method", rpcMethod);
    }
  }

  String callId() {
    return callId;
  }

  /** What the origins know the call by: the client's own key, or else the call's id. */
  String key() {
    String own = fromClient.get(IDEMPOTENCY_KEY);
    return own == null ? callId : own;
  }

  /** Whether the client sends a key of its own, so that it can send the call again in any case. */
  boolean hasOwnKey() {
    return fromClient.contains(IDEMPOTENCY_KEY);
  }

  /** Whether, in the client's revision of MCP, closing the connection cancels the call. */
  boolean closingCancels() {
    @Nullable String version = fromClient.get(PROTOCOL_VERSION);
    return version != null && version.compareTo(CLOSING_CANCELS_SINCE) >= 0;
  }
}
