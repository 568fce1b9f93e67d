package com.mcpist.testkit.vendor;

import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Koyeb, with one service. A deployment goes one state on each time that it is asked for, so that
 * no time need pass.
 */
public final class KoyebServer extends VendorServer {
  /** How a deployment usually goes. */
  public static final List<String> USUAL =
      List.of("PENDING", "PROVISIONING", "ALLOCATING", "STARTING", "HEALTHY");

  /** When the first deployment was made; each further one a minute later. */
  private static final Instant FIRST = Instant.parse("2026-11-25T00:00:00Z");

  private final String service;
  private final Map<String, Deployment> deployments = new LinkedHashMap<>();
  private final Map<String, ObjectNode> secrets = new LinkedHashMap<>();
  private String status = "HEALTHY";
  private String active = "";
  private String latest = "";
  private List<String> next = USUAL;
  private boolean revealing = true;

  private static final class Deployment {
    final JsonNode definition;
    final Instant created;
    final List<String> states;

    Deployment(JsonNode definition, Instant created, List<String> states) {
      this.definition = definition;
      this.created = created;
      this.states = new ArrayList<>(states);
    }

    void becomes(String state) {
      states.clear();
      states.add(state);
    }
  }

  /**
   * A service that runs.
   *
   * @param definition its deployment's, in JSON
   */
  public KoyebServer(String service, String definition) {
    super(VendorSpec.koyeb());
    this.service = service;
    this.latest = add(JsonMapper.shared().readTree(definition), List.of("HEALTHY"));
    this.active = latest;
  }

  /** Which states the next deployments go through; the last one stays. */
  public void next(List<String> states) {
    locked(() -> next = List.copyOf(states));
  }

  /** Sets the service's own state, PAUSED say. */
  public void serviceState(String state) {
    locked(() -> status = state);
  }

  /** Whether the token may see the values of secrets. */
  public void revealing(boolean allowed) {
    locked(() -> revealing = allowed);
  }

  /** Somebody else deploys the same definition once more. */
  public void deployedBySomebodyElse() {
    locked(
        () -> {
          there(latest).becomes("STOPPED");
          latest = add(there(latest).definition, USUAL);
        });
  }

  /** How many deployments there have been, the first one included. */
  public int deployments() {
    return locked(deployments::size);
  }

  /** The definition of the deployment that serves. */
  public JsonNode serving() {
    return locked(() -> there(active).definition);
  }

  /** The states of all deployments, the oldest first. */
  public List<String> states() {
    return locked(() -> deployments.values().stream().map(d -> d.states.getFirst()).toList());
  }

  /** A secret's value by its name. */
  public Optional<String> secret(String name) {
    return locked(() -> secretValue(name));
  }

  private Optional<String> secretValue(String name) {
    return secrets.values().stream()
        .filter(secret -> secret.path("name").asString("").equals(name))
        .map(secret -> secret.path("value").asString(""))
        .findFirst();
  }

  @Override
  Reply handle(Request request) {
    if (request.path().startsWith("/v1/services/") && !request.part(3).equals(service)) {
      return error(404, "service not found");
    }
    if (request.is("GET", "/v1/services/[^/]+")) {
      return Reply.ok(service());
    }
    if (request.is("PATCH", "/v1/services/[^/]+")) {
      return update(request.body().path("definition"));
    }
    if (request.is("POST", "/v1/services/[^/]+/redeploy")) {
      start(there(latest).definition);
      return Reply.ok(Reply.object().set("deployment", json(latest)));
    }
    if (request.is("GET", "/v1/deployments")) {
      return list(request);
    }
    if (request.is("GET", "/v1/deployments/[^/]+")) {
      return deployment(request.part(3));
    }
    if (request.is("POST", "/v1/deployments/[^/]+/cancel")) {
      return cancel(request.part(3));
    }
    return secrets(request);
  }

  private Reply update(JsonNode definition) {
    for (JsonNode variable : definition.path("env")) {
      String name = variable.path("secret").asString("");
      if (!name.isEmpty() && secretValue(name).isEmpty()) {
        return invalid("definition.env", "secret \"" + name + "\" does not exist");
      }
    }
    start(definition);
    return Reply.ok(service());
  }

  private void start(JsonNode definition) {
    latest = add(definition, next);
  }

  private Deployment there(String id) {
    return Objects.requireNonNull(deployments.get(id), id);
  }

  private String add(JsonNode definition, List<String> states) {
    int number = deployments.size() + 1;
    String id = "d%07d".formatted(number);
    Instant created = FIRST.plusSeconds(60L * number);
    deployments.put(id, new Deployment(definition, created, states));
    return id;
  }

  private Reply deployment(String id) {
    Deployment deployment = deployments.get(id);
    if (deployment == null) {
      return error(404, "deployment not found");
    }
    ObjectNode shown = json(id);
    if (deployment.states.size() > 1) {
      deployment.states.removeFirst();
    }
    if (deployment.states.getFirst().equals("HEALTHY") && id.equals(latest) && !id.equals(active)) {
      there(active).becomes("STOPPED");
      active = id;
    }
    return Reply.ok(Reply.object().set("deployment", shown));
  }

  private Reply cancel(String id) {
    Deployment deployment = deployments.get(id);
    if (deployment == null) {
      return error(404, "deployment not found");
    }
    if (!List.of("PENDING", "PROVISIONING", "SCHEDULED").contains(deployment.states.getFirst())) {
      return error(400, "the deployment cannot be canceled any more");
    }
    deployment.becomes("CANCELED");
    return Reply.ok(Reply.object());
  }

  private Reply list(Request request) {
    int limit = Integer.parseInt(request.query().getOrDefault("limit", "10"));
    List<String> ids = new ArrayList<>(deployments.keySet()).reversed();
    ObjectNode reply = Reply.object().put("count", ids.size()).put("limit", limit);
    ArrayNode all = reply.putArray("deployments");
    ids.stream().limit(limit).forEach(id -> all.add(json(id)));
    return Reply.ok(reply);
  }

  private ObjectNode service() {
    ObjectNode service =
        Reply.object()
            .put("id", this.service)
            .put("status", status)
            .put("latest_deployment_id", latest)
            .put("active_deployment_id", active);
    return Reply.object().set("service", service);
  }

  private ObjectNode json(String id) {
    Deployment deployment = there(id);
    ObjectNode json =
        Reply.object()
            .put("id", id)
            .put("service_id", service)
            .put("status", deployment.states.getFirst())
            .put("created_at", deployment.created.toString());
    json.set("definition", deployment.definition);
    if (deployment.states.getFirst().equals("ERROR")) {
      json.putArray("messages").add("the health check on port 8000 has failed");
    }
    return json;
  }

  private Reply secrets(Request request) {
    if (request.is("GET", "/v1/secrets")) {
      return listSecrets(request);
    }
    if (request.is("POST", "/v1/secrets")) {
      return createSecret(request.body());
    }
    ObjectNode secret = secrets.get(request.part(3));
    if (secret == null) {
      return error(404, "secret not found");
    }
    if (request.is("POST", "/v1/secrets/[^/]+/reveal")) {
      return revealing
          ? Reply.ok(Reply.object().set("value", secret.path("value")))
          : error(403, "you may not reveal secrets");
    }
    secret.set("value", request.body().path("value"));
    return Reply.ok(Reply.object().set("secret", withoutValue(secret)));
  }

  private Reply listSecrets(Request request) {
    int limit = Integer.parseInt(request.query().getOrDefault("limit", "10"));
    int offset = Integer.parseInt(request.query().getOrDefault("offset", "0"));
    ObjectNode reply = Reply.object().put("count", secrets.size());
    ArrayNode page = reply.putArray("secrets");
    secrets.values().stream().skip(offset).limit(limit).forEach(s -> page.add(withoutValue(s)));
    return Reply.ok(reply);
  }

  private Reply createSecret(JsonNode body) {
    String name = body.path("name").asString("");
    if (secretValue(name).isPresent()) {
      return invalid("name", "a secret with this name exists already");
    }
    String id = "s%07d".formatted(secrets.size() + 1);
    ObjectNode secret = ((ObjectNode) body.deepCopy()).put("id", id);
    secrets.put(id, secret);
    return Reply.ok(Reply.object().set("secret", withoutValue(secret)));
  }

  private static ObjectNode withoutValue(ObjectNode secret) {
    return secret.deepCopy().without("value");
  }

  private Reply invalid(String field, String description) {
    ObjectNode body = body(400, "invalid_argument", "Validation error");
    body.putArray("fields").addObject().put("field", field).put("description", description);
    return Reply.of(400, body);
  }

  @Override
  Reply error(int code, String message) {
    return Reply.of(code, body(code, "error", message));
  }

  private static ObjectNode body(int code, String kind, String message) {
    return Reply.object().put("status", code).put("code", kind).put("message", message);
  }
}
