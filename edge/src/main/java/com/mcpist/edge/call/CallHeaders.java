package com.mcpist.edge.call;

import com.mcpist.edge.gate.Route;
import com.mcpist.edge.gate.auth.Verdict.Caller;
import com.mcpist.edge.wire.HeaderHygiene;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a call's header says to the edge, and what the edge says to an origin. A client that has
 * sent no Idempotency-Key and is told that the outcome is unknown is given one, in which the edge
 * finds the call's id again: so the second call is another attempt at the first.
 */
final class CallHeaders {
  static final String PROTOCOL_VERSION = "MCP-Protocol-Version";
  private static final String CLOSING_CANCELS_SINCE = "2026-07-28";
  private static final String IDEMPOTENCY_KEY = "Idempotency-Key";
  private static final String GIVEN_PREFIX = "mcpist-";
  private static final Pattern GIVEN =
      Pattern.compile(
          GIVEN_PREFIX + "([0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12})");
  private static final CharSequence GATEWAY_SECRET =
      HttpHeaders.createOptimized("X-Gateway-Secret");
  private static final CharSequence CALL_ID = HttpHeaders.createOptimized("X-Call-Id");
  private static final CharSequence ATTEMPT = HttpHeaders.createOptimized("X-Attempt");
  private static final CharSequence DEADLINE = HttpHeaders.createOptimized("X-Deadline");
  private static final CharSequence USER_ID = HttpHeaders.createOptimized("X-User-Id");

  private final MultiMap fromClient;
  private final Route route;
  private final Caller caller;
  private final @Nullable String key;
  private final boolean sentAgain;
  private final String callId;

  /** {@code newCallId}: for a call that is not sent again with the key that the edge gave. */
  CallHeaders(MultiMap fromClient, Route route, Caller caller, String newCallId) {
    this.fromClient = fromClient;
    this.route = route;
    this.caller = caller;
    this.key = fromClient.get(IDEMPOTENCY_KEY);
    Matcher given = key == null ? null : GIVEN.matcher(key);
    this.sentAgain = given != null && given.matches();
    this.callId = given != null && sentAgain ? given.group(1) : newCallId;
  }

  /**
   * Fills an attempt's header; 1 is the first that an origin may have let in. One of a call sent
   * again has a number that no earlier call with this id can have had: a later attempt may end an
   * earlier one, never the other way round.
   */
  void put(MultiMap to, int attempt, long deadline, String gatewaySecret) {
    if (route == Route.HEALTH) {
      return; // As anyone may ask it: an origin tells those who have the secret more.
    }
    HeaderHygiene.toOrigin(fromClient, to);
    if (sentAgain) {
      to.remove(IDEMPOTENCY_KEY);
    }
    if (!caller.passesAuthorization()) {
      to.remove(HttpHeaders.AUTHORIZATION);
    }
    int number = sentAgain ? Search.MAX_ATTEMPTS + attempt : attempt;
    put(to, callId, number, deadline, gatewaySecret, caller);
  }

  private static void put(
      MultiMap to, String callId, int attempt, long deadline, String gatewaySecret, Caller caller) {
    to.set(CALL_ID, callId)
        .set(ATTEMPT, Integer.toString(attempt))
        .set(GATEWAY_SECRET, gatewaySecret)
        .set(DEADLINE, Long.toString(deadline))
        .set(USER_ID, caller.userId());
  }

  /** Fills the header of a request that the edge makes for itself, with an id of its own. */
  static void putOwn(MultiMap to, String callId, long deadline, String gatewaySecret) {
    to.set(HttpHeaders.CONTENT_TYPE, "application/json")
        .set(HttpHeaders.ACCEPT, "application/json, text/event-stream");
    put(to, callId, 1, deadline, gatewaySecret, Caller.LOCAL);
  }

  String callId() {
    return callId;
  }

  String user() {
    return caller.userId();
  }

  /** The Idempotency-Key with which the client's next request is this call. */
  String key() {
    return key == null ? GIVEN_PREFIX + callId : key;
  }

  /** Whether the client sends a key, so that it can send the call again as it is. */
  boolean hasOwnKey() {
    return key != null;
  }

  /** Whether, in the client's revision of MCP, closing the connection cancels the call. */
  boolean closingCancels() {
    @Nullable String version = fromClient.get(PROTOCOL_VERSION);
    return version != null && version.compareTo(CLOSING_CANCELS_SINCE) >= 0;
  }
}
