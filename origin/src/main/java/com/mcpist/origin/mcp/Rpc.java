package com.mcpist.origin.mcp;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** JSON-RPC messages to a client. */
final class Rpc {
  private Rpc() {}

  static ObjectNode result(JsonNode id, ObjectNode result) {
    ObjectNode message = message(id);
    message.set("result", result);
    return message;
  }

  /**
   * An error response.
   *
   * @param id the request's, null where it cannot be told
   */
  static ObjectNode error(@Nullable JsonNode id, RpcException error) {
    ObjectNode message = message(id);
    message.set("error", error.toJson());
    return message;
  }

  static ObjectNode notification(String method, ObjectNode params) {
    ObjectNode message = message(null).put("method", method);
    message.set("params", params);
    return message;
  }

  private static ObjectNode message(@Nullable JsonNode id) {
    ObjectNode message = Json.object().put("jsonrpc", "2.0");
    if (id != null) {
      message.set("id", id);
    }
    return message;
  }
}
