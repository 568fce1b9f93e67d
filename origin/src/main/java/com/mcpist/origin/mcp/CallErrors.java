package com.mcpist.origin.mcp;

import com.mcpist.module.Invocation.Attempt;
import com.mcpist.origin.auth.RefusedException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * JSON-RPC errors that say what is known of a call: docs/idempotency.md. Edges make the same. The
 * text is for a model, the data for programs.
 */
record CallErrors(@Nullable JsonNode id, Attempt attempt, boolean reads, Instant now) {
  /** Implementation-defined, and outside of the codes that MCP gives a meaning. */
  private static final int SERVER_ERROR = -32000;

  private static final Duration CLIENTS_KEY_KEPT = Duration.ofHours(24);
  private static final int UNAUTHORIZED = 401;

  private static final String NOTHING =
      " Nothing was done. Call again with the same arguments in a few seconds.";

  private static final String BEFORE = " It may have been done before. Look first whether it was.";

  private static final String AGAIN =
      " An earlier sending of this call may have been done. Call again with the same key.";

  private static final String UNKNOWN =
      "The outcome is unknown: it may have been done. Look first whether it was.";

  private static final String UNKNOWN_BY_KEY =
      "The outcome is unknown: it may have been done. Call again with the same key: it is not done"
          + " twice. Without the key, look first whether it was done.";

  private static final String TOO_OLD =
      "The outcome of the first sending is no longer known, and nothing was run now. Look first"
          + " whether it was done, then call again without the key.";

  /** Of a request, null where it cannot be told. */
  static CallErrors of(Message.@Nullable Request request, Attempt attempt, Instant now) {
    return request == null
        ? new CallErrors(null, attempt, false, now)
        : new CallErrors(request.id(), attempt, !request.isCall(), now);
  }

  /** This attempt was turned away; what an earlier one did is not known. */
  ObjectNode refused(RefusedException why) {
    boolean none = reads || (first() && attempt.sending().attempt() == 1);
    String advice = none ? NOTHING : first() ? BEFORE : AGAIN;
    boolean helpsToCall = why.status() != UNAUTHORIZED;
    return error(why.code(), none, why.getMessage() + (helpsToCall ? advice : ""));
  }

  /** This attempt may have been done. */
  ObjectNode failed() {
    if (reads) {
      return error("origin_unavailable", true, "The server could not be reached." + NOTHING);
    }
    return error("outcome_unknown", false, attempt.key().fromClient() ? UNKNOWN_BY_KEY : UNKNOWN);
  }

  ObjectNode tooOld() {
    return error("outcome_unknown", false, TOO_OLD);
  }

  private boolean first() {
    return attempt.key().id().equals(attempt.sending().callId());
  }

  private ObjectNode error(String code, boolean none, String message) {
    Attempt.Key key = attempt.key();
    Instant until =
        key.fromClient()
            ? now.plus(CLIENTS_KEY_KEPT).truncatedTo(ChronoUnit.MILLIS)
            : Attempt.until(key.id());
    ObjectNode data =
        Json.object()
            .put("code", code)
            .put("callId", attempt.sending().callId())
            .put("sending", key.fromClient() ? "unknown" : first() ? "first" : "again")
            .put("effect", none ? "none" : "possible")
            .put("idempotencyKey", key.fromClient() ? key.id() : Message.OUR_KEY + key.id())
            .put("keyUntil", until.toString());
    ObjectNode error = Message.error(id, new RpcException(SERVER_ERROR, 200, message, data));
    return id == null ? error.putNull("id") : error;
  }
}
