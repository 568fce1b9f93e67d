package com.mcpist.origin.memory;

import java.time.Instant;
import java.util.List;
import java.util.UUID;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

record Memory(
    UUID id, String title, String text, List<String> tags, Instant createdAt, Instant updatedAt) {
  ObjectNode summary() {
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    node.put("id", id.toString()).put("title", title);
    tags.forEach(node.putArray("tags")::add);
    return node.put("createdAt", createdAt.toString()).put("updatedAt", updatedAt.toString());
  }

  /** Whether each of these stands in it, as {@link SearchText#normalise} has them. */
  boolean has(List<String> phrases) {
    if (phrases.isEmpty()) {
      return true;
    }
    String all = SearchText.normalise(title + "\n" + String.join("\n", tags) + "\n" + text);
    return phrases.stream().allMatch(all::contains);
  }

  ObjectNode whole() {
    return summary().put("text", text);
  }

  String line() {
    String tagged = tags.isEmpty() ? "" : " [" + String.join(", ", tags) + "]";
    return title + tagged + " (id " + id + ", saved " + createdAt + ")";
  }
}
