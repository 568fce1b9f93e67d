package com.mcpist.origin.mcp.wire;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** JSON-RPC messages to a client. */
public final class Rpc {
  private Rpc() {}

  public static ObjectNode result(JsonNode id, ObjectNode result) {
    ObjectNode message = message(id);
    message.set("result", result);
    return message;
  }

  /**
   * An error response.
   *
   * @param id the request's, null where it cannot be told
   */
  public static ObjectNode error(@Nullable JsonNode id, RpcException error) {
    ObjectNode message = message(id);
    ObjectNode told = message.putObject("error");
    told.put("code", error.code()).put("message", error.getMessage());
    if (error.data() != null) {
      told.set("data", error.data());
    }
    return message;
  }

  public static ObjectNode notification(String method, ObjectNode params) {
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
