package com.mcpist.testkit.vendor;

import java.util.LinkedHashSet;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Makes one object of several that a schema puts together by {@code allOf}, so that it can be read
 * strictly: each of the several would forbid what only the others know.
 */
record AllOf(JsonNode root) {

  /** Everywhere below a node. */
  void flatten(JsonNode node) {
    node.forEach(this::flatten);
    if (node instanceof ObjectNode object && object.path("allOf").isArray()) {
      ObjectNode whole = object.objectNode();
      Set<String> required = new LinkedHashSet<>();
      merge(object, whole, required);
      object.removeAll();
      object.put("type", "object").set("properties", whole);
      ArrayNode names = object.putArray("required");
      required.forEach(names::add);
    }
  }

  private void merge(JsonNode schema, ObjectNode properties, Set<String> required) {
    JsonNode there = resolved(schema);
    there.path("allOf").forEach(part -> merge(part, properties, required));
    there
        .path("properties")
        .properties()
        .forEach(entry -> properties.set(entry.getKey(), entry.getValue()));
    there.path("required").forEach(name -> required.add(name.asString()));
  }

  private JsonNode resolved(JsonNode schema) {
    String reference = schema.path("$ref").asString("");
    return reference.isEmpty() ? schema : root.at(reference.substring(1));
  }
}
