package com.mcpist.origin.memory;

import com.mcpist.origin.module.ToolException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Reads arguments, and refuses what their schema cannot. */
final class MemoryInput {
  private MemoryInput() {}

  /** Text that has something in it, empty where the argument is absent. */
  static Optional<String> text(ObjectNode arguments, String name) throws ToolException {
    JsonNode value = arguments.get(name);
    if (value == null) {
      return Optional.empty();
    }
    String text = storable(value.asString(), name);
    if (text.isBlank()) {
      throw new ToolException("\"" + name + "\" is blank. Give it some text.");
    }
    return Optional.of(text);
  }

  static String required(ObjectNode arguments, String name) throws ToolException {
    return text(arguments, name)
        .orElseThrow(() -> new ToolException("\"" + name + "\" is missing."));
  }

  /** Tags, each once whatever its case, empty where the argument is absent. */
  static Optional<List<String>> tags(ObjectNode arguments) throws ToolException {
    JsonNode value = arguments.get("tags");
    if (value == null) {
      return Optional.empty();
    }
    Map<String, String> byNormalForm = new LinkedHashMap<>();
    for (JsonNode tag : value) {
      String text = storable(tag.asString(), "tags").strip();
      if (text.isEmpty()) {
        throw new ToolException("A tag is blank. Leave it out.");
      }
      byNormalForm.putIfAbsent(SearchText.normalise(text), text);
    }
    return Optional.of(new ArrayList<>(byNormalForm.values()));
  }

  static UUID id(ObjectNode arguments) throws ToolException {
    String id = arguments.path("id").asString("");
    try {
      UUID parsed = UUID.fromString(id);
      // The JDK also takes short forms, which are not what memory_save gave.
      if (parsed.toString().equalsIgnoreCase(id)) {
        return parsed;
      }
    } catch (IllegalArgumentException e) {
      // Said below, in the caller's words.
    }
    throw new ToolException(
        "\"id\" is not the id of a memory. Take one that memory_search or memory_list gave.");
  }

  /** PostgreSQL cannot store U+0000, nor UTF-8 half a surrogate pair. */
  private static String storable(String text, String name) throws ToolException {
    boolean bad =
        text.codePoints()
            .anyMatch(
                c -> c == 0 || (c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE));
    if (bad) {
      throw new ToolException(
          "\"" + name + "\" contains a character that is none (U+0000 or half a surrogate pair).");
    }
    return text;
  }
}
