package com.mcpist.origin.admin;

import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Something that happened to the pair.
 *
 * @param origin null: to no origin in particular
 * @param at by the database's clock
 */
record Event(UUID id, String kind, @Nullable String origin, String message, Instant at) {
  ObjectNode json() {
    return JsonNodeFactory.instance
        .objectNode()
        .put("id", id.toString())
        .put("at", at.toString())
        .put("kind", kind)
        .put("origin", origin)
        .put("message", message);
  }
}
