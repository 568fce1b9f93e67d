package com.mcpist.testkit.vendor;

import com.networknt.schema.Error;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.dialect.Dialect;
import com.networknt.schema.dialect.Dialects;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A description of an interface, OpenAPI 2 or 3. It is read strictly: a parameter or a property
 * that it does not know is a mistake, since a misspelt one would be ignored by the vendor.
 */
final class OpenApi {
  private final ObjectNode json;
  private final Dialect dialect;
  private final List<Operation> operations = new ArrayList<>();
  private final Map<JsonNode, Schema> schemas = new ConcurrentHashMap<>();

  /** A call by its method and path, {@code GET /v1/apps/{app}}. */
  record Operation(String name, JsonNode json) {

    /** Whether the vendor's published description lacks it altogether. */
    boolean isUnpublished() {
      return json.path("x-unpublished").asBoolean(false);
    }

    /** What the published description lacks of it: names, and statuses of answers. */
    Set<String> unpublished() {
      return json.path("x-unpublished")
          .valueStream()
          .map(JsonNode::asString)
          .collect(Collectors.toUnmodifiableSet());
    }

    /** What an answer of that status says; empty where it says nothing, or is not known. */
    Optional<JsonNode> answer(int status) {
      JsonNode known = json.path("responses").path(Integer.toString(status));
      JsonNode schema =
          known.has("schema")
              ? known.path("schema")
              : known.path("content").path("application/json").path("schema");
      return schema.isMissingNode() ? Optional.empty() : Optional.of(schema);
    }

    /** What it takes, as JSON or as a form; empty where it takes nothing. */
    Optional<JsonNode> body() {
      for (JsonNode parameter : json.path("parameters")) {
        if (parameter.path("in").asString("").equals("body")) {
          return Optional.of(parameter.path("schema"));
        }
      }
      return json.path("requestBody")
          .path("content")
          .valueStream()
          .map(type -> type.path("schema"))
          .findFirst();
    }
  }

  private OpenApi(ObjectNode json, String base, Dialect dialect) {
    this.json = json;
    this.dialect = dialect;
    for (Map.Entry<String, JsonNode> path : json.path("paths").properties()) {
      for (Map.Entry<String, JsonNode> one : path.getValue().properties()) {
        String method = one.getKey().toUpperCase(Locale.ROOT);
        operations.add(new Operation(method + " " + base + path.getKey(), one.getValue()));
      }
    }
  }

  /** Our own, which forbids by itself what it does not name. */
  static OpenApi of(Contract contract) {
    return new OpenApi(contract.openApi(), "", Dialects.getDraft202012());
  }

  /**
   * A vendor's own, which is changed.
   *
   * @param base what stands before its paths
   */
  static OpenApi published(ObjectNode json, String base) {
    AllOf flat = new AllOf(json);
    flat.flatten(json.path("components").path("schemas"));
    flat.flatten(json.path("paths"));
    json.path("definitions").forEach(OpenApi::close);
    json.path("components").path("schemas").forEach(OpenApi::close);
    boolean second = json.has("swagger");
    OpenApi api = new OpenApi(json, base, second ? Dialects.getDraft4() : Dialects.getOpenApi30());
    api.operations.forEach(operation -> operation.body().ifPresent(OpenApi::close));
    return api;
  }

  /** Allows no property that is not described. */
  private static void close(JsonNode schema) {
    if (schema instanceof ObjectNode object && schema.path("properties").isObject()) {
      object.path("properties").forEach(OpenApi::close);
      if (!object.has("additionalProperties")) {
        object.put("additionalProperties", false);
      }
    }
    if (schema.path("items").isObject()) {
      close(schema.path("items"));
    }
  }

  /** All that it describes, in its order. */
  List<Operation> operations() {
    return List.copyOf(operations);
  }

  Optional<Operation> operation(String method, String path) {
    String call = method + " " + path;
    return operations.stream()
        .filter(one -> call.matches(one.name().replaceAll("\\{[^}]*}", "[^/]+")))
        .findFirst();
  }

  /**
   * What is wrong with a request; empty when nothing is.
   *
   * @param lacking names that it need not know
   */
  List<String> problems(Operation operation, Request request, Set<String> lacking) {
    List<String> problems = new ArrayList<>(Parameters.problems(this, operation, request));
    Optional<JsonNode> schema = operation.body();
    if (schema.isEmpty()
        && !request.body().isMissingNode()
        && (lacking.isEmpty() || !lacking.containsAll(request.body().propertyNames()))) {
      problems.add("it takes no body");
    }
    JsonNode types = operation.json().path("requestBody").path("content");
    if (!types.isMissingNode() && !types.has(request.mediaType())) {
      problems.add("it takes no " + request.mediaType());
    }
    schema.ifPresent(node -> problems.addAll(invalid("request", node, request.body(), lacking)));
    return problems;
  }

  /** As {@link #problems(Operation, Request, Set)}, with an answer. */
  List<String> problems(Operation operation, Reply reply, Set<String> lacking) {
    JsonNode failure = json.path("x-error");
    if (reply.status() / 100 != 2) {
      return failure.isMissingNode() ? List.of() : invalid("error", failure, reply.body(), lacking);
    }
    String status = Integer.toString(reply.status());
    if (!operation.json().path("responses").has(status)) {
      return lacking.contains(status) ? List.of() : List.of("it does not answer " + status);
    }
    Optional<JsonNode> schema = operation.answer(reply.status());
    if (schema.isEmpty()) {
      return lacking.containsAll(reply.body().propertyNames())
          ? List.of()
          : List.of("its answer has no body");
    }
    return invalid("answer", schema.get(), reply.body(), lacking);
  }

  /** What a reference points to; itself, where it is none. */
  JsonNode resolved(JsonNode schema) {
    String reference = schema.path("$ref").asString("");
    return reference.isEmpty() ? schema : resolved(json.at(reference.substring(1)));
  }

  private List<String> invalid(String what, JsonNode schema, JsonNode value, Set<String> lacking) {
    if (value.isMissingNode()) {
      return List.of("the " + what + " needs a body");
    }
    Predicate<Error> ignored =
        error ->
            error.getKeyword().equals("additionalProperties")
                && lacking.contains(error.getProperty());
    return schemas.computeIfAbsent(schema, this::compile).validate(value).stream()
        .filter(ignored.negate())
        .map(error -> "the " + what + ": " + error.getInstanceLocation() + " " + error.getMessage())
        .toList();
  }

  private Schema compile(JsonNode schema) {
    ObjectNode root = (ObjectNode) schema.deepCopy();
    for (String container : List.of("definitions", "components")) {
      if (json.has(container)) {
        root.set(container, json.path(container));
      }
    }
    return SchemaRegistry.withDefaultDialect(dialect).getSchema(root);
  }
}
