package com.mcpist.testkit.vendor;

import com.mcpist.testkit.vendor.OpenApi.Operation;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/**
 * A request's query and headers, by an operation's parameters. What is not known is a mistake in
 * the query alone: clients send headers of their own.
 */
final class Parameters {
  private Parameters() {}

  static List<String> problems(OpenApi api, Operation operation, Request request) {
    Map<String, JsonNode> query = new HashMap<>();
    List<String> problems = new ArrayList<>();
    for (JsonNode given : operation.json().path("parameters")) {
      JsonNode parameter = api.resolved(given);
      String name = parameter.path("name").asString("");
      String place = parameter.path("in").asString("");
      boolean required = parameter.path("required").asBoolean(false);
      JsonNode schema = parameter.has("schema") ? parameter.path("schema") : parameter;
      if (place.equals("query")) {
        query.put(name, schema);
        if (required && !request.query().containsKey(name)) {
          problems.add("the query lacks " + name);
        }
      } else if (place.equals("header") && required && !fits(schema, request.header(name))) {
        problems.add("the header " + name + " cannot be \"" + request.header(name) + "\"");
      }
    }
    request
        .query()
        .forEach(
            (name, value) -> {
              if (!query.containsKey(name)) {
                problems.add("the query has " + name + ", which is not known");
              } else if (!fits(query.get(name), value)) {
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
