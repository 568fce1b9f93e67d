package com.mcpist.edge.wire;

import com.mcpist.edge.wire.Payload.Message;
import java.util.List;
import java.util.stream.Collectors;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Why a call has no answer, as its client is told.
 *
 * @param mayBeSentAgain whether the call has had no effect and never will have one
 * @param idempotencyKey the key under which the call may be sent again in any case
 */
public record CallError(
    String code, String message, String callId, boolean mayBeSentAgain, String idempotencyKey) {
  // Implementation-defined, and outside of the codes that MCP gives a meaning.
  private static final int SERVER_ERROR = -32000;
  private static final JsonMapper JSON = JsonMapper.shared();

  /** No origin has seen the call, or none can act on it any more. */
  public static CallError noOrigin(String callId, String key) {
    return new CallError(
        "origin_unavailable",
        "No origin answered. The call had no effect and may be sent again.",
        callId,
        true,
        key);
  }

  /** An origin may have acted on the call. */
  public static CallError outcomeUnknown(String callId, String key) {
    return new CallError(
        "outcome_unknown",
        "The outcome is unknown: send the call again with the same Idempotency-Key, " + key,
        callId,
        false,
        key);
  }

  /** The call was turned away before any origin saw it. */
  public static CallError rejected(String code, String message, String callId, String key) {
    return new CallError(code, message, callId, true, key);
  }

  /**
   * The body that answers {@code request}: an error for each of its requests, and one without id
   * where it has none that can be read.
   */
  public String answer(Payload request) {
    List<Message> requests = request.requests();
    if (requests.isEmpty()) {
      return object("");
    }
    String errors = requests.stream().map(this::error).collect(Collectors.joining(","));
    return request.batch() ? "[" + errors + "]" : errors;
  }

  public String error(Message request) {
    return object("\"id\":" + request.id() + ",");
  }

  private String object(String id) {
    ObjectNode error = JSON.createObjectNode().put("code", SERVER_ERROR).put("message", message);
    error
        .putObject("data")
        .put("code", code)
        .put("callId", callId)
        .put("mayBeSentAgain", mayBeSentAgain)
        .put("idempotencyKey", idempotencyKey);
    return "{\"jsonrpc\":\"2.0\"," + id + "\"error\":" + JSON.writeValueAsString(error) + "}";
  }
}
