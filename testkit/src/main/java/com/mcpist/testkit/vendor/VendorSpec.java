package com.mcpist.testkit.vendor;

import com.networknt.schema.Error;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.dialect.Dialect;
import com.networknt.schema.dialect.Dialects;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/**
 * A vendor's published description of its interface, OpenAPI 2 or 3, from the folder that the
 * property mcpist.specs names. It is read strictly: a parameter or a property that it does not know
 * is a mistake, since a misspelt one would be ignored by the vendor.
 */
final class VendorSpec {
  private static final JsonMapper JSON = JsonMapper.shared();

  /** Read once: Koyeb's has a megabyte. What is missing is said once, too. */
  private static final Map<String, Optional<VendorSpec>> READ = new ConcurrentHashMap<>();

  private final ObjectNode spec;
  private final String base;
  private final Dialect dialect;
  private final Map<String, Schema> schemas = new ConcurrentHashMap<>();

  private VendorSpec(ObjectNode spec, String base, Dialect dialect) {
    this.spec = spec;
    this.base = base;
    this.dialect = dialect;
    String container = spec.has("definitions") ? "/definitions" : "/components/schemas";
    spec.at(container).forEach(VendorSpec::close);
    spec.path("paths")
        .forEach(path -> path.forEach(op -> bodySchema(op).ifPresent(VendorSpec::close)));
  }

  /** Koyeb's; empty when there is no folder, which is said once. */
  static Optional<VendorSpec> koyeb() {
    return READ.computeIfAbsent(
        "koyeb.openapi.json",
        name ->
            file(name)
                .map(
                    file ->
                        new VendorSpec(
                            (ObjectNode) JSON.readTree(file), "", Dialects.getDraft4())));
  }

  /** Fly.io's, with what it lacks; empty when there is no folder, which is said once. */
  static Optional<VendorSpec> fly() {
    return READ.computeIfAbsent(
        "fly-machines.openapi.yaml",
        name ->
            file(name)
                .map(
                    file -> {
                      ObjectNode spec = (ObjectNode) new YAMLMapper().readTree(file);
                      merge(spec, (ObjectNode) JSON.readTree(resource("fly-secrets.json")));
                      return new VendorSpec(spec, "/v1", Dialects.getOpenApi30());
                    }));
  }

  /** The part of GitHub's that is about secrets, with packages; empty when there is no folder. */
  static Optional<VendorSpec> gitHub() {
    return READ.computeIfAbsent(
        "github.openapi.json",
        name ->
            file(name)
                .map(
                    file -> {
                      ObjectNode spec = (ObjectNode) JSON.readTree(file);
                      merge(spec, (ObjectNode) JSON.readTree(resource("github-packages.json")));
                      return new VendorSpec(spec, "", Dialects.getOpenApi30());
                    }));
  }

  /** Cloudflare's, with what it lacks; empty when there is no folder, which is said once. */
  static Optional<VendorSpec> cloudflare() {
    return READ.computeIfAbsent(
        "cloudflare.openapi.json",
        name ->
            file(name)
                .map(
                    file -> {
                      ObjectNode spec = (ObjectNode) JSON.readTree(file);
                      merge(spec, (ObjectNode) JSON.readTree(resource("cloudflare-workers.json")));
                      AllOf flat = new AllOf(spec);
                      flat.flatten(spec.path("components").path("schemas"));
                      flat.flatten(spec.path("paths"));
                      // What a call takes is written where the call is.
                      spec.path("paths")
                          .findValues("requestBody")
                          .forEach(
                              body ->
                                  body.path("content").forEach(type -> close(type.path("schema"))));
                      return new VendorSpec(spec, "/client/v4", Dialects.getOpenApi30());
                    }));
  }

  private static Optional<String> file(String name) {
    String folder = System.getProperty("mcpist.specs", "");
    if (folder.isEmpty()) {
      System.err.println(
          "Without -Dmcpist.specs=DIR requests to stand-ins are not checked by " + name);
      return Optional.empty();
    }
    try {
      return Optional.of(Files.readString(Path.of(folder, name)));
    } catch (IOException e) {
      throw new UncheckedIOException(
          "mcpist.specs must be the folder of the vendors' schemas, as CONTRIBUTING says", e);
    }
  }

  private static byte[] resource(String name) {
    try (InputStream in =
        Objects.requireNonNull(VendorSpec.class.getResourceAsStream(name), name)) {
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void merge(ObjectNode into, ObjectNode from) {
    from.properties()
        .forEach(
            entry -> {
              JsonNode there = into.get(entry.getKey());
              if (there instanceof ObjectNode object
                  && entry.getValue() instanceof ObjectNode more) {
                merge(object, more);
              } else {
                into.set(entry.getKey(), entry.getValue());
              }
            });
  }

  /** Allows no property that is not described. */
  private static void close(JsonNode schema) {
    if (schema instanceof ObjectNode object && schema.path("properties").isObject()) {
      object.path("properties").forEach(VendorSpec::close);
      if (!object.has("additionalProperties")) {
        object.put("additionalProperties", false);
      }
    }
    if (schema.path("items").isObject()) {
      close(schema.path("items"));
    }
    schema.path("allOf").forEach(VendorSpec::close);
  }

  /** What is wrong with a request; empty when nothing is. */
  List<String> problems(Request request) {
    Optional<Operation> operation = operation(request);
    if (operation.isEmpty()) {
      return List.of("there is no " + request.method() + " " + request.path());
    }
    JsonNode json = operation.get().json();
    List<String> problems = new ArrayList<>(Parameters.problems(spec, json, request));
    Optional<JsonNode> schema = bodySchema(json);
    if (schema.isEmpty() && !request.body().isMissingNode()) {
      problems.add("it takes no body");
    }
    schema.ifPresent(
        node -> problems.addAll(invalid("request " + operation.get().id(), node, request.body())));
    return problems;
  }

  /** What is wrong with the stand-in's own answer: it must not teach a client what is not so. */
  List<String> problems(Request request, Reply reply) {
    Optional<Operation> operation = operation(request);
    if (operation.isEmpty() || reply.status() / 100 != 2) {
      return List.of();
    }
    JsonNode described = operation.get().json().path("responses").path("200");
    JsonNode schema =
        described.has("schema")
            ? described.path("schema")
            : described.path("content").path("application/json").path("schema");
    return schema.isMissingNode() || reply.wrapped()
        ? List.of()
        : invalid("answer of " + operation.get().id(), schema, reply.body());
  }

  private record Operation(String id, JsonNode json) {}

  private Optional<Operation> operation(Request request) {
    String method = request.method().toLowerCase(java.util.Locale.ROOT);
    for (Map.Entry<String, JsonNode> path : spec.path("paths").properties()) {
      String pattern = base + path.getKey().replaceAll("\\{[^}]*}", "[^/]+");
      if (request.path().matches(pattern) && path.getValue().has(method)) {
        JsonNode json = path.getValue().path(method);
        return Optional.of(new Operation(json.path("operationId").asString(""), json));
      }
    }
    return Optional.empty();
  }

  private static Optional<JsonNode> bodySchema(JsonNode operation) {
    for (JsonNode parameter : operation.path("parameters")) {
      if (parameter.path("in").asString("").equals("body")) {
        return Optional.of(parameter.path("schema"));
      }
    }
    JsonNode content = operation.path("requestBody").path("content");
    JsonNode schema =
        content.path("application/json").path("schema").isMissingNode()
            ? content.path("multipart/form-data").path("schema")
            : content.path("application/json").path("schema");
    return schema.isMissingNode() ? Optional.empty() : Optional.of(schema);
  }

  private List<String> invalid(String what, JsonNode schema, JsonNode value) {
    if (value.isMissingNode()) {
      return List.of("the " + what + " needs a body");
    }
    return schemas.computeIfAbsent(what, _ -> compile(schema)).validate(value).stream()
        .map(error -> "the " + what + ": " + told(error))
        .toList();
  }

  private static String told(Error error) {
    return error.getInstanceLocation() + " " + error.getMessage();
  }

  private Schema compile(JsonNode schema) {
    ObjectNode root = (ObjectNode) schema.deepCopy();
    for (String container : List.of("definitions", "components")) {
      if (spec.has(container)) {
        root.set(container, spec.path(container));
      }
    }
    return SchemaRegistry.withDefaultDialect(dialect).getSchema(root);
  }
}
