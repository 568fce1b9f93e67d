package com.mcpist.origin.mount.client;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.TokenStreamFactory;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.cfg.JsonNodeFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** JSON-RPC to and from a mounted server: whatever it says is passed through, within bounds. */
final class Wire {
  /** Of one message. */
  static final int MOST_BYTES = 4 * 1024 * 1024;

  static final int METHOD_NOT_FOUND = -32601;
  static final int INTERNAL_ERROR = -32603;

  /** What a longer message needs, beside its text, is taken by one message at a time. */
  static final int LARGE = 64 * 1024;

  private static final ReentrantLock ONE_LARGE = new ReentrantLock(true);

  /** Writes and reads JSON that the origin can read again. Numbers keep all their digits. */
  private static final JsonMapper MAPPER =
      JsonMapper.builder(
              JsonFactory.builder()
                  // Its table would keep thousands of names that servers sent, of any length.
                  .disable(TokenStreamFactory.Feature.CANONICALIZE_PROPERTY_NAMES)
                  .streamReadConstraints(
                      StreamReadConstraints.builder()
                          .maxNestingDepth(64)
                          .maxNumberLength(64)
                          .maxTokenCount(200_000)
                          .build())
                  .build())
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
          .build();

  private Wire() {}

  /** The messages of a text: one, or those of a batch. Throws JacksonException: it is no JSON. */
  static List<ObjectNode> messages(byte[] json) {
    if (json.length > LARGE) {
      ONE_LARGE.lock();
    }
    try {
      List<ObjectNode> messages = new ArrayList<>();
      JsonNode tree = MAPPER.readTree(json);
      for (JsonNode each : tree.isArray() ? tree : List.of(tree)) {
        if (each instanceof ObjectNode message) {
          messages.add(message);
        }
      }
      return messages;
    } finally {
      if (ONE_LARGE.isHeldByCurrentThread()) {
        ONE_LARGE.unlock();
      }
    }
  }

  static byte[] bytes(JsonNode message) {
    return MAPPER.writeValueAsBytes(message);
  }

  static ObjectNode object() {
    return JsonNodeFactory.instance.objectNode();
  }

  /** What a message has under this name, as an object; without anything where it has none. */
  static ObjectNode object(JsonNode message, String name) {
    return message.get(name) instanceof ObjectNode object ? object : object();
  }

  static ObjectNode request(long id, String method, ObjectNode params) {
    ObjectNode message = message().put("id", id).put("method", method);
    message.set("params", params);
    return message;
  }

  static ObjectNode notification(String method) {
    return message().put("method", method);
  }

  static ObjectNode cancelled(long id) {
    ObjectNode message = notification("notifications/cancelled");
    message.putObject("params").put("requestId", id);
    return message;
  }

  static ObjectNode result(JsonNode id, ObjectNode result) {
    ObjectNode message = message();
    message.set("id", id);
    message.set("result", result);
    return message;
  }

  static ObjectNode error(JsonNode id, int code, String text) {
    ObjectNode message = message();
    message.set("id", id);
    message.putObject("error").put("code", code).put("message", text);
    return message;
  }

  private static ObjectNode message() {
    return object().put("jsonrpc", "2.0");
  }
}
