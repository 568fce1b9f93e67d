package com.mcpist.module;

import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a tool gives back: MCP content blocks (text, image, audio, resource, resource_link),
 * structured content that is valid by the tool's output schema, null where it has none, and whether
 * the tool failed in a way that the client's model should see.
 */
public record ToolResult(
    List<ObjectNode> content, @Nullable ObjectNode structured, boolean isError) {
  /** Structured content, with the same as text for clients that read only that. */
  public static ToolResult of(ObjectNode structured, String text) {
    return new ToolResult(List.of(textBlock(text)), structured, false);
  }

  public static ToolResult text(String text) {
    return new ToolResult(List.of(textBlock(text)), null, false);
  }

  /** An error that the client's model should see, with what to do about it. */
  public static ToolResult error(String message) {
    return new ToolResult(List.of(textBlock(message)), null, true);
  }

  private static ObjectNode textBlock(String text) {
    return JsonNodeFactory.instance.objectNode().put("type", "text").put("text", text);
  }
}
