package com.mcpist.edge.call;

import com.mcpist.edge.gate.Route;
import com.mcpist.edge.gate.auth.Verdict.Caller;
import com.mcpist.edge.wire.CallError;
import com.mcpist.edge.wire.HeaderHygiene;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The headers of a call: what the client says to the edge, and what the edge says to an origin. */
final class CallHeaders {
  static final String SESSION_ID = "Mcp-Session-Id";
  static final String PROTOCOL_VERSION = "MCP-Protocol-Version";
  private static final String CLOSING_CANCELS_SINCE = "2026-07-28";
  private static final String IDEMPOTENCY_KEY = "Idempotency-Key";
  private static final String JSON = "application/json";
  private static final String JSON_OR_EVENTS = "application/json, text/event-stream";

  /**
   * The header with the id of the last event that the client has. Such an id has no meaning to
   * another process than the one that has numbered the events.
   */
  static final String LAST_EVENT = "Last-Event-ID";

  private static final List<String> OF_THE_CALL =
      List.of(LAST_EVENT, "Mcp-Method", "Mcp-Name", IDEMPOTENCY_KEY);
  private static final List<String> JOURNALED =
      List.of(PROTOCOL_VERSION, "Mcp-Method", "Mcp-Name", IDEMPOTENCY_KEY);
  private static final CharSequence GATEWAY_SECRET =
      HttpHeaders.createOptimized("X-Gateway-Secret");
  private static final CharSequence CALL_ID = HttpHeaders.createOptimized("X-Call-Id");
  private static final CharSequence ATTEMPT = HttpHeaders.createOptimized("X-Attempt");
  private static final CharSequence DEADLINE = HttpHeaders.createOptimized("X-Deadline");
  private static final CharSequence USER_ID = HttpHeaders.createOptimized("X-User-Id");

  private final MultiMap fromClient;
  private final Route route;
  private final Caller caller;
  private final String callId;

  CallHeaders(MultiMap fromClient, Route route, Caller caller, String callId) {
    this.fromClient = fromClient;
    this.route = route;
    this.caller = caller;
    this.callId = callId;
  }

  /** Fills the header of an attempt. Attempt 1 is the first that an origin may have let in. */
  void put(MultiMap to, int attempt, long deadline, String gatewaySecret) {
    if (route == Route.HEALTH) {
      // The request has no secret, as anyone may ask for the health. An origin tells more to a
      // request that has the secret.
      return;
    }
    HeaderHygiene.toOrigin(fromClient, to);
    if (!caller.passesAuthorization()) {
      to.remove(HttpHeaders.AUTHORIZATION);
    }
    put(to, callId, attempt, deadline, gatewaySecret, caller);
  }

  /**
   * Fills the header of a request that the edge makes for itself in the call's session, as {@link
   * #put} does for an attempt. If {@code session} is null, the request opens a session.
   */
  void putForSession(MultiMap to, long deadline, String gatewaySecret, @Nullable String session) {
    put(to, 1, deadline, gatewaySecret);
    OF_THE_CALL.forEach(to::remove);
    to.set(HttpHeaders.CONTENT_TYPE, JSON).set(HttpHeaders.ACCEPT, JSON_OR_EVENTS);
    if (session == null) {
      to.remove(SESSION_ID).remove(PROTOCOL_VERSION);
    } else {
      to.set(SESSION_ID, session);
    }
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
    to.set(HttpHeaders.CONTENT_TYPE, JSON).set(HttpHeaders.ACCEPT, JSON_OR_EVENTS);
    put(to, callId, 1, deadline, gatewaySecret, Caller.LOCAL);
  }

  String callId() {
    return callId;
  }

  /** Returns the id of the client's session; null if the client has none. */
  @Nullable String session() {
    return fromClient.get(SESSION_ID);
  }

  String user() {
    return caller.userId();
  }

  /** Returns the client's Idempotency-Key; null if the client has sent none. */
  @Nullable String key() {
    return key(fromClient);
  }

  static @Nullable String key(MultiMap fromClient) {
    return fromClient.get(IDEMPOTENCY_KEY);
  }

  /** Returns the Idempotency-Key of a call in a journal; null if the call has none. */
  static @Nullable String key(Journal.Line line) {
    String key = line.headers().get(JOURNALED.indexOf(IDEMPOTENCY_KEY));
    return key.isEmpty() ? null : key;
  }

  /**
   * Returns true if, as far as the head tells, the request may be a call of a tool to which its
   * client has given no key of its own.
   */
  boolean mayCallTool() {
    String method = fromClient.get("Mcp-Method");
    @Nullable String key = key();
    return (method == null || method.equals("tools/call"))
        && (key == null || CallError.isOurs(key));
  }

  /** Returns what the journal keeps of the call. */
  Journal.Line line(Buffer body) {
    return new Journal.Line(caller.userId(), callId, journaled(), body);
  }

  /**
   * Returns the values of the headers that a journal keeps, with an empty text for an absent one.
   */
  private List<String> journaled() {
    List<String> values = new ArrayList<>();
    for (String name : JOURNALED) {
      values.add(Objects.requireNonNullElse(fromClient.get(name), ""));
    }
    return values;
  }

  /** Returns the header of another call of this caller, which is in a journal. */
  CallHeaders insteadFor(Journal.Line line) {
    return notice(line.headers(), line.callId());
  }

  /**
   * Returns the header of a notice of this call, which has only what an origin needs to find the
   * call: the client's other headers would stay in memory as long as the notice does.
   */
  CallHeaders forNotice() {
    return notice(journaled(), callId);
  }

  private CallHeaders notice(List<String> journaled, String id) {
    MultiMap header =
        MultiMap.caseInsensitiveMultiMap()
            .set(HttpHeaders.CONTENT_TYPE, JSON)
            .set(HttpHeaders.ACCEPT, JSON_OR_EVENTS);
    for (int i = 0; i < JOURNALED.size(); i++) {
      if (!journaled.get(i).isEmpty()) {
        header.set(JOURNALED.get(i), journaled.get(i));
      }
    }
    @Nullable String authorization = fromClient.get(HttpHeaders.AUTHORIZATION);
    if (authorization != null && caller.passesAuthorization()) {
      header.set(HttpHeaders.AUTHORIZATION, authorization);
    }
    return new CallHeaders(header, route, caller, id);
  }

  /**
   * Returns true if the client's revision of MCP has the client ask for the rest of a stream by
   * Last-Event-ID.
   */
  boolean resumes() {
    return !closingCancels();
  }

  /** Returns true if, in the client's revision of MCP, closing the connection cancels the call. */
  boolean closingCancels() {
    @Nullable String version = fromClient.get(PROTOCOL_VERSION);
    return version != null && version.compareTo(CLOSING_CANCELS_SINCE) >= 0;
  }
}
