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
  private final KoyebOrganization organization = new KoyebOrganization();
  private String status = "HEALTHY";
  private String active = "";
  private String latest = "";
  private List<String> next = USUAL;

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
    super(VendorSpec.of("koyeb"));
    this.service = service;
    this.latest = add(JsonMapper.shared().readTree(definition), List.of("HEALTHY"));
    this.active = latest;
  }

  /** Which states the next deployments go through; the last one stays. */
  public void next(List<String> states) {
    locked(() -> next = List.copyOf(states));
  }

  /** Another app of the organization. */
  public void app(String name) {
    locked(() -> organization.app(name));
  }

  /** A secret of the organization, whosever it is. */
  public void secretOfSomebodyElse(String name) {
    locked(() -> organization.secretWithoutValue(name));
  }

  /** Sets the service's own state, PAUSED say. */
  public void serviceState(String state) {
    locked(() -> status = state);
  }

  /** Whether the token may see the values of secrets. */
  public void revealing(boolean allowed) {
    locked(() -> organization.revealing(allowed));
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
    return locked(() -> organization.value(name));
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
    return organization.handle(request);
  }

  private Reply update(JsonNode definition) {
    for (JsonNode variable : definition.path("env")) {
      String name = variable.path("secret").asString("");
      if (!name.isEmpty() && organization.value(name).isEmpty()) {
        return KoyebOrganization.invalid(
            "definition.env", "secret \"" + name + "\" does not exist");
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

  @Override
  Reply error(int code, String message) {
    return KoyebOrganization.error(code, message);
  }
}
