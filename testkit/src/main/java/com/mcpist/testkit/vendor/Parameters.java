package com.mcpist.testkit.vendor;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/** A request's query, by an operation's parameters. */
final class Parameters {
  private Parameters() {}

  static List<String> problems(JsonNode spec, JsonNode operation, Request request) {
    Map<String, JsonNode> known = new HashMap<>();
    List<String> problems = new ArrayList<>();
    for (JsonNode given : operation.path("parameters")) {
      String reference = given.path("$ref").asString("");
      JsonNode parameter = reference.isEmpty() ? given : spec.at(reference.substring(1));
      if (parameter.path("in").asString("").equals("query")) {
        String name = parameter.path("name").asString("");
        known.put(name, parameter.has("schema") ? parameter.path("schema") : parameter);
        if (parameter.path("required").asBoolean(false) && !request.query().containsKey(name)) {
          problems.add("the query lacks " + name);
        }
      }
    }
    request
        .query()
        .forEach(
            (name, value) -> {
              if (!known.containsKey(name)) {
                problems.add("the query has " + name + ", which is not known");
              } else if (!fits(known.get(name), value)) {
                problems.add("the query's " + name + " cannot be " + value);
              }
            });
    return problems;
  }

  private static boolean fits(JsonNode schema, String value) {
    if (schema.has("enum")) {
      return schema.path("enum").valueStream().anyMatch(word -> word.asString("").equals(value));
    }
    return switch (schema.path("type").asString("string")) {
      case "integer" -> value.matches("-?[0-9]+");
      case "boolean" -> value.matches("true|false");
      default -> true;
    };
  }
}
