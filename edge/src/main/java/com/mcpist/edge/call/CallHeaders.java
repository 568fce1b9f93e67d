package com.mcpist.edge.call;

import com.mcpist.edge.gate.Route;
import com.mcpist.edge.gate.auth.Caller;
import com.mcpist.edge.wire.HeaderHygiene;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import org.jspecify.annotations.Nullable;

/** What a call's header says to the edge, and what the edge says to an origin. */
final class CallHeaders {
  private static final String IDEMPOTENCY_KEY = "Idempotency-Key";
  static final String PROTOCOL_VERSION = "MCP-Protocol-Version";
  private static final String CLOSING_CANCELS_SINCE = "2026-07-28";
  private static final CharSequence GATEWAY_SECRET =
      HttpHeaders.createOptimized("X-Gateway-Secret");
  private static final CharSequence CALL_ID = HttpHeaders.createOptimized("X-Call-Id");
  private static final CharSequence ATTEMPT = HttpHeaders.createOptimized("X-Attempt");
  private static final CharSequence DEADLINE = HttpHeaders.createOptimized("X-Deadline");
  private static final CharSequence USER_ID = HttpHeaders.createOptimized("X-User-Id");

  private final MultiMap fromClient;
  private final Route route;
  private final Caller caller;
  private final CallKey key;

  CallHeaders(MultiMap fromClient, Route route, Caller caller, String newCallId) {
    this.fromClient = fromClient;
    this.route = route;
    this.caller = caller;
    this.key = CallKey.of(fromClient.get(IDEMPOTENCY_KEY), newCallId);
  }

  /**
   * Fills an attempt's header.
   *
   * @param attempt 1 for the first that an origin may have let in
   */
  void put(MultiMap to, int attempt, long deadline, String gatewaySecret) {
    if (route == Route.HEALTH) {
      return; // As anyone may ask it: an origin tells those who have the secret more.
    }
    HeaderHygiene.toOrigin(fromClient, to);
    if (key.isOfEarlierCall()) {
      to.remove(IDEMPOTENCY_KEY);
    }
    if (!caller.passesAuthorization()) {
      to.remove(HttpHeaders.AUTHORIZATION);
    }
    to.set(CALL_ID, key.callId()).set(ATTEMPT, Integer.toString(key.attemptsBefore() + attempt));
    put(to, deadline, gatewaySecret, caller);
  }

  private static void put(MultiMap to, long deadline, String gatewaySecret, Caller caller) {
    to.set(GATEWAY_SECRET, gatewaySecret)
        .set(DEADLINE, Long.toString(deadline))
        .set(USER_ID, caller.userId());
  }

  /** Fills the header of a request that the edge makes for itself, with an id of its own. */
  static void putOwn(MultiMap to, String callId, long deadline, String gatewaySecret) {
    to.set(CALL_ID, callId)
        .set(ATTEMPT, "1")
        .set(HttpHeaders.CONTENT_TYPE, "application/json")
        .set(HttpHeaders.ACCEPT, "application/json, text/event-stream");
    put(to, deadline, gatewaySecret, Caller.LOCAL);
  }

  String callId() {
    return key.callId();
  }

  /** What the client is to send the call again with, if it has to. */
  String key() {
    return key.forClient();
  }

  /** Whether the client sends a key, so that it can send the call again as it is. */
  boolean hasOwnKey() {
    return fromClient.contains(IDEMPOTENCY_KEY);
  }

  /** Whether, in the client's revision of MCP, closing the connection cancels the call. */
  boolean closingCancels() {
    @Nullable String version = fromClient.get(PROTOCOL_VERSION);
    return version != null && version.compareTo(CLOSING_CANCELS_SINCE) >= 0;
  }
}
