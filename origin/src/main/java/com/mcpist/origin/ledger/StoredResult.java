package com.mcpist.origin.ledger;

import com.mcpist.module.ToolException;
import com.mcpist.module.ToolResult;
import java.util.List;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** A result as the ledger keeps it: MCP's CallToolResult, as JSON. */
final class StoredResult {
  /** The most that a result may take, in bytes: 1 MiB. */
  static final int MAX_BYTES = 1024 * 1024;

  /** No char takes more bytes than this in UTF-8. */
  private static final int MAX_BYTES_PER_CHAR = 3;

  private static final JsonMapper JSON = JsonMapper.shared();

  /** Found by earlier attempts, whose answers nobody waits for any more. */
  static final String REFUSED =
      """
      {"content":[{"type":"text","text":"A later attempt at this call was refused."}],\
      "isError":true}\
      """;

  private StoredResult() {}

  /** Throws ToolException when it is larger than 1 MiB. */
  static String write(ToolResult result) throws ToolException {
    ObjectNode node = JSON.createObjectNode();
    result.content().forEach(node.putArray("content")::add);
    if (result.structured() != null) {
      node.set("structuredContent", result.structured());
    }
    if (result.isError()) {
      node.put("isError", true);
    }
    String json = JSON.writeValueAsString(node);
    if (json.length() > MAX_BYTES / MAX_BYTES_PER_CHAR && utf8Length(json) > MAX_BYTES) {
      throw new ToolException("The result is larger than 1 MiB. Ask for less at a time.");
    }
    return json;
  }

  static ToolResult read(String json) {
    JsonNode node = JSON.readTree(json);
    List<ObjectNode> content =
        StreamSupport.stream(node.path("content").spliterator(), false)
            .map(ObjectNode.class::cast)
            .toList();
    @Nullable ObjectNode structured =
        node.get("structuredContent") instanceof ObjectNode object ? object : null;
    return new ToolResult(content, structured, node.path("isError").asBoolean(false));
  }

  private static int utf8Length(String text) {
    return text.codePoints().map(c -> c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4).sum();
  }
}
