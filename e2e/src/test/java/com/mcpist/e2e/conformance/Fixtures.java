package com.mcpist.e2e.conformance;

import com.mcpist.module.Tool;
import com.mcpist.module.Tool.Effect;
import com.mcpist.module.ToolResult;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** The pieces that fixtures are made of. */
final class Fixtures {
  /** A red pixel. */
  static final String PNG =
      "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg==";

  /** No sound at all. */
  static final String WAV = "UklGRiQAAABXQVZFZm10IBAAAAABAAEARKwAAIhYAQACABAAZGF0YQAAAAA=";

  private Fixtures() {}

  static ObjectNode object() {
    return JsonNodeFactory.instance.objectNode();
  }

  /** A tool without arguments. */
  static Tool tool(String name, String description, Tool.Handler handler) {
    ObjectNode schema = object().put("type", "object");
    schema.putObject("properties");
    return tool(name, description, schema, handler);
  }

  static Tool tool(String name, String description, ObjectNode inputSchema, Tool.Handler handler) {
    ObjectNode definition = object().put("name", name).put("description", description);
    definition.set("inputSchema", inputSchema);
    definition.putObject("annotations").put("readOnlyHint", true);
    return new Tool(definition, Effect.READS, handler);
  }

  static ToolResult content(ObjectNode... blocks) {
    return ToolResult.of(blocks);
  }

  static ObjectNode text(String text) {
    return object().put("type", "text").put("text", text);
  }

  static ObjectNode image() {
    return object().put("type", "image").put("data", PNG).put("mimeType", "image/png");
  }

  static ObjectNode audio() {
    return object().put("type", "audio").put("data", WAV).put("mimeType", "audio/wav");
  }

  static ObjectNode embedded(String uri, String mimeType, String text) {
    ObjectNode block = object().put("type", "resource");
    block.putObject("resource").put("uri", uri).put("mimeType", mimeType).put("text", text);
    return block;
  }

  static ObjectNode message(ObjectNode content) {
    ObjectNode message = object().put("role", "user");
    message.set("content", content);
    return message;
  }
}
