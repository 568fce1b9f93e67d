package com.mcpist.origin.memory;

import com.mcpist.module.ToolException;
import java.util.UUID;
import tools.jackson.databind.node.ObjectNode;

final class Arguments {
  private Arguments() {}

  /** An id in its whole form; the message says what it is of, and which tool gives it. */
  static UUID uuid(ObjectNode arguments, String name, String of, String tool) throws ToolException {
    String text = arguments.path(name).asString("");
    try {
      UUID parsed = UUID.fromString(text);
      // The JDK also takes short forms, which are not what was given.
      if (parsed.toString().equalsIgnoreCase(text)) {
        return parsed;
      }
    } catch (IllegalArgumentException e) {
      // Said below, in the caller's words.
    }
    throw new ToolException(
        "\"%s\" is not the id of %s. Take one that %s gave.".formatted(name, of, tool));
  }
}
