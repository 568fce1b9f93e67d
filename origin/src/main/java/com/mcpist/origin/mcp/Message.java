package com.mcpist.origin.mcp;

import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** One JSON-RPC message from a client; and those to it, made here. */
public sealed interface Message {
  /** Of an id or a progress token: a stream keeps it for as long as it lasts, and sends it back. */
  int MAX_ID_LENGTH = 1_024;

  /** In a call's _meta: what names it. docs/idempotency.md */
  String KEY = "com.mcpist/idempotency-key";

  /** What a key begins with that names a call by its id of an edge. */
  String OUR_KEY = "mcpist-";

  /** As a key must be. */
  Pattern IS_KEY = Pattern.compile("[\\x21-\\x7e]{1,255}");

  /** Wants an answer; the id is a string or an integer, as the client wrote it. */
  record Request(JsonNode id, String method, ObjectNode params) implements Message {
    /** The params' _meta; empty where there is none. */
    public ObjectNode meta() {
      return params.get("_meta") instanceof ObjectNode meta ? meta : Json.object();
    }

    /** Whether it calls a tool; all others only read. */
    boolean isCall() {
      return method.equals("tools/call");
    }

    /** The key by which the request itself names its call. */
    Optional<String> key() {
      return meta().path(KEY).stringValueOpt();
    }
  }

  /** Wants none. */
  record Notification(String method) implements Message {}

  /** Answers a request of ours: with {@code {"result": {}}} or {@code {"error": {}}}. */
  record Response(String id, ObjectNode told) implements Message {
    private static Response of(ObjectNode message) {
      ObjectNode told = Json.object();
      if (message.get("result") instanceof ObjectNode result) {
        told.set("result", result);
      } else {
        JsonNode error = message.path("error");
        told.putObject("error")
            .put("code", error.path("code").asInt(RpcException.INTERNAL_ERROR))
            .put("message", error.path("message").asString(""));
      }
      return new Response(message.path("id").asString(""), told);
    }
  }

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
      return Response.of(object);
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
    Request request =
        new Request(
            known, method.asString(), params instanceof ObjectNode given ? given : Json.object());
    return request.meta().has(KEY)
            && request.key().filter(k -> IS_KEY.matcher(k).matches()).isEmpty()
        ? new Malformed(known, RpcException.badParams(KEY + RpcException.KEY_FORM))
        : request;
  }

  static boolean isId(JsonNode node) {
    return node.isIntegralNumber()
        || (node.isString() && node.stringValue().length() <= MAX_ID_LENGTH);
  }

  static ObjectNode request(String id, String method, ObjectNode params) {
    ObjectNode message = notification(method, params);
    return message.put("id", id);
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
