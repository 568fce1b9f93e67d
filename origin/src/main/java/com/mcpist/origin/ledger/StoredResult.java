package com.mcpist.origin.ledger;

import com.mcpist.module.ToolException;
import com.mcpist.module.ToolResult;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.cfg.JsonNodeFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** A result as the ledger keeps it: {@link ToolResult#json}, as it is. */
final class StoredResult {
  /** The most that a result may take, in bytes: 1 MiB. */
  static final int MAX_BYTES = 1024 * 1024;

  /** No char takes more bytes than this in UTF-8. */
  private static final int MAX_BYTES_PER_CHAR = 3;

  /** A double would cut what another server wrote with more digits. */
  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
          .build();

  /** Found by earlier attempts, whose answers nobody waits for any more. */
  static final String REFUSED =
      """
      {"content":[{"type":"text","text":"A later attempt at this call was refused."}],\
      "isError":true}\
      """;

  private StoredResult() {}

  /** Throws ToolException when it is larger than 1 MiB. */
  static String write(ToolResult result) throws ToolException {
    String json = JSON.writeValueAsString(result.json());
    if (json.length() > MAX_BYTES / MAX_BYTES_PER_CHAR && utf8Length(json) > MAX_BYTES) {
      throw new ToolException("The result is larger than 1 MiB. Ask for less at a time.");
    }
    return json;
  }

  static ToolResult read(String json) {
    return new ToolResult((ObjectNode) JSON.readTree(json));
  }

  private static int utf8Length(String text) {
    return text.codePoints().map(c -> c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4).sum();
  }
}
