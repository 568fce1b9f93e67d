package com.mcpist.testkit.vendor;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.BooleanNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What MCPist sends to a vendor and reads there, in our own words, made into an OpenAPI description
 * that says nothing else.
 *
 * <p>{@code url} is where the vendor is, and {@code published} the name of what it publishes. Below
 * {@code calls} stand method and path of each call with its {@code query}, its {@code headers}, its
 * {@code body} or {@code form}, and its answers by their status; {@code error} is what an answer
 * that is no success looks like. {@code unpublished} is what the vendor's published description
 * lacks: the whole call, or these names.
 *
 * <p>A schema is a word, or several with {@code |} between them: {@code string}, {@code integer},
 * {@code number}, {@code boolean}, {@code null}, {@code any}, a name of {@code types}, or the value
 * itself. {@code [a]} is a list of a. An object has the properties that are named and no others;
 * one whose name ends with {@code ?} may be absent, and {@code "*"} stands for all other names.
 * Names that begin with {@code $} are JSON Schema's own.
 */
record Contract(JsonNode file) {
  private static final JsonMapper JSON = JsonMapper.shared();
  private static final Set<String> BASIC = Set.of("string", "integer", "number", "boolean", "null");
  private static final String TYPES = "#/components/schemas/";

  ObjectNode openApi() {
    ObjectNode api = JSON.createObjectNode();
    ObjectNode types = api.putObject("components").putObject("schemas");
    each("types").forEach(type -> types.set(type.getKey(), schema(type.getValue())));
    api.set("x-error", schema(file.path("error")));
    ObjectNode paths = api.putObject("paths");
    for (Map.Entry<String, JsonNode> call : each("calls")) {
      String[] words = call.getKey().split(" ", 2);
      JsonNode path = paths.path(words[1]);
      (path instanceof ObjectNode there ? there : paths.putObject(words[1]))
          .set(words[0].toLowerCase(java.util.Locale.ROOT), operation(call.getValue()));
    }
    return api;
  }

  private Set<Map.Entry<String, JsonNode>> each(String name) {
    return file.path(name).properties();
  }

  private ObjectNode operation(JsonNode call) {
    ObjectNode operation = JSON.createObjectNode();
    ArrayNode parameters = operation.putArray("parameters");
    each("headers").forEach(header -> parameters.add(parameter("header", header)));
    ObjectNode responses = operation.putObject("responses");
    for (Map.Entry<String, JsonNode> part : call.properties()) {
      switch (part.getKey()) {
        case "unpublished" -> operation.set("x-unpublished", part.getValue());
        case "query" ->
            part.getValue().properties().forEach(p -> parameters.add(parameter("query", p)));
        case "body" ->
            operation.set("requestBody", content("application/json", schema(part.getValue())));
        case "form" ->
            operation.set("requestBody", content("multipart/form-data", schema(part.getValue())));
        default -> responses.set(part.getKey(), answer(part.getValue()));
      }
    }
    return operation;
  }

  private ObjectNode parameter(String in, Map.Entry<String, JsonNode> given) {
    boolean required = !given.getKey().endsWith("?");
    ObjectNode parameter = JSON.createObjectNode().put("in", in).put("required", required);
    parameter.put("name", given.getKey().replace("?", ""));
    return parameter.set("schema", schema(given.getValue()));
  }

  private ObjectNode answer(JsonNode given) {
    if (given.asString("").equals("nothing")) {
      return JSON.createObjectNode();
    }
    JsonNode envelope = file.path("envelope");
    if (envelope.isMissingNode()) {
      return content("application/json", schema(given));
    }
    ObjectNode whole = (ObjectNode) envelope.deepCopy();
    return content("application/json", schema(whole.set("result", given)));
  }

  private static ObjectNode content(String type, ObjectNode schema) {
    ObjectNode body = JSON.createObjectNode();
    body.putObject("content").putObject(type).set("schema", schema);
    return body;
  }

  private ObjectNode schema(JsonNode given) {
    return switch (given) {
      case ArrayNode list ->
          JSON.createObjectNode().put("type", "array").set("items", schema(list.path(0)));
      case ObjectNode object ->
          object.propertyNames().stream().anyMatch(name -> name.startsWith("$"))
              ? own(object)
              : closed(object);
      case BooleanNode value ->
          JSON.createObjectNode().set("enum", JSON.createArrayNode().add(value));
      default -> oneOf(List.of(given.asString().split("\\s*\\|\\s*", -1)));
    };
  }

  private static ObjectNode own(ObjectNode given) {
    ObjectNode schema = JSON.createObjectNode();
    given.properties().forEach(part -> schema.set(part.getKey().substring(1), part.getValue()));
    return schema;
  }

  private ObjectNode closed(ObjectNode given) {
    ObjectNode schema = JSON.createObjectNode().put("type", "object");
    ObjectNode properties = schema.putObject("properties");
    ArrayNode required = schema.putArray("required");
    schema.put("additionalProperties", false);
    for (Map.Entry<String, JsonNode> one : given.properties()) {
      String name = one.getKey().replace("?", "");
      if (name.equals("*")) {
        schema.set("additionalProperties", schema(one.getValue()));
        continue;
      }
      properties.set(name, schema(one.getValue()));
      if (name.equals(one.getKey())) {
        required.add(name);
      }
    }
    return schema;
  }

  private ObjectNode oneOf(List<String> words) {
    List<ObjectNode> schemas = new ArrayList<>();
    ArrayNode values = JSON.createArrayNode();
    for (String word : words) {
      if (BASIC.contains(word)) {
        schemas.add(JSON.createObjectNode().put("type", word));
      } else if (word.equals("any")) {
        schemas.add(JSON.createObjectNode());
      } else if (file.path("types").has(word)) {
        schemas.add(JSON.createObjectNode().put("$ref", TYPES + word));
      } else if (word.matches("[A-Z].*[a-z].*")) {
        throw new IllegalArgumentException("the contract has no type " + word);
      } else {
        var _ = word.matches("[0-9]+") ? values.add(Integer.parseInt(word)) : values.add(word);
      }
    }
    if (!values.isEmpty()) {
      schemas.add(JSON.createObjectNode().set("enum", values));
    }
    return schemas.size() == 1
        ? schemas.getFirst()
        : JSON.createObjectNode().set("anyOf", JSON.createArrayNode().addAll(schemas));
  }
}
