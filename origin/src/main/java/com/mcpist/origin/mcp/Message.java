package com.mcpist.origin.mcp;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** One JSON-RPC message from a client; and those to it, made here. */
public sealed interface Message {
  /** Of an id or a progress token: a stream keeps it for as long as it lasts, and sends it back. */
  int MAX_ID_LENGTH = 1_024;

  /** Wants an answer; the id is a string or an integer, as the client wrote it. */
  record Request(JsonNode id, String method, ObjectNode params) implements Message {
    /** The params' _meta; empty where there is none. */
    public ObjectNode meta() {
      return params.get("_meta") instanceof ObjectNode meta ? meta : Json.object();
    }
  }

  /** Wants none. */
  record Notification(String method) implements Message {}

  /** Answers a request of ours; this server sends none. */
  record Response() implements Message {}

  /** Is no message; has the id it would have had, where that can be told. */
  record Malformed(@Nullable JsonNode id, RpcException error) implements Message {}

  /** Reads a message. Never fails: what is wrong is part of the answer. */
  static Message of(JsonNode json) {
    if (!(json instanceof ObjectNode object)) {
      return malformed(null, "A message is a JSON object");
    }
    JsonNode id = object.get("id");
    boolean validId = id != null && isId(id);
    JsonNode known = validId ? id : null;
    if (!object.path("jsonrpc").asString("").equals("2.0")) {
      return malformed(known, "\"jsonrpc\" must be \"2.0\"");
    }
    JsonNode method = object.get("method");
    if (method == null && (object.has("result") || object.has("error"))) {
      return new Response();
    }
    if (method == null || !method.isString()) {
      return malformed(known, "\"method\" must be a string");
    }
    JsonNode params = object.get("params");
    if (params != null && !params.isObject()) {
      return new Malformed(known, RpcException.badParams("\"params\" must be an object"));
    }
    if (id == null) {
      return new Notification(method.asString());
    }
    if (known == null) {
      return malformed(
          null,
          "\"id\" must be a string of at most " + MAX_ID_LENGTH + " characters, or an integer");
    }
    return new Request(
        known, method.asString(), params instanceof ObjectNode given ? given : Json.object());
  }

  static boolean isId(JsonNode node) {
    return node.isIntegralNumber()
        || (node.isString() && node.stringValue().length() <= MAX_ID_LENGTH);
  }

  static ObjectNode result(JsonNode id, ObjectNode result) {
    ObjectNode message = message(id);
    message.set("result", result);
    return message;
  }

  /** An error response; the request's id is null where it cannot be told. */
  static ObjectNode error(@Nullable JsonNode id, RpcException error) {
    ObjectNode message = message(id);
    ObjectNode told = message.putObject("error");
    told.put("code", error.code()).put("message", error.getMessage());
    if (error.data() != null) {
      told.set("data", error.data());
    }
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

  private static Malformed malformed(@Nullable JsonNode id, String message) {
    return new Malformed(id, RpcException.invalidRequest(message));
  }
}
