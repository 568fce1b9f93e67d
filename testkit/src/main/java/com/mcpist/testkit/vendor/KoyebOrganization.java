package com.mcpist.testkit.vendor;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** What is a whole organization's on Koyeb: its apps, and the secrets, which belong to none. */
final class KoyebOrganization {
  private final Map<String, ObjectNode> secrets = new LinkedHashMap<>();
  private final List<String> apps = new ArrayList<>();
  private boolean revealing = true;

  void revealing(boolean allowed) {
    revealing = allowed;
  }

  void app(String name) {
    apps.add(name);
  }

  void secretWithoutValue(String name) {
    String id = nextId();
    secrets.put(id, Reply.object().put("id", id).put("name", name).put("type", "SIMPLE"));
  }

  Optional<String> value(String name) {
    return secrets.values().stream()
        .filter(secret -> secret.path("name").asString("").equals(name))
        .map(secret -> secret.path("value").asString(""))
        .findFirst();
  }

  Reply handle(Request request) {
    if (request.is("GET", "/v1/apps")) {
      return listApps(request);
    }
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

  private Reply listApps(Request request) {
    int limit = Integer.parseInt(request.query().getOrDefault("limit", "10"));
    int offset = Integer.parseInt(request.query().getOrDefault("offset", "0"));
    ObjectNode reply = Reply.object().put("count", apps.size());
    ArrayNode page = reply.putArray("apps");
    apps.stream().skip(offset).limit(limit).forEach(name -> page.addObject().put("name", name));
    return Reply.ok(reply);
  }

  private Reply createSecret(JsonNode body) {
    String name = body.path("name").asString("");
    if (value(name).isPresent()) {
      return invalid("name", "a secret with this name exists already");
    }
    String id = nextId();
    ObjectNode secret = ((ObjectNode) body.deepCopy()).put("id", id);
    secrets.put(id, secret);
    return Reply.ok(Reply.object().set("secret", withoutValue(secret)));
  }

  private static ObjectNode withoutValue(ObjectNode secret) {
    return secret.deepCopy().without("value");
  }

  private String nextId() {
    return "s%07d".formatted(secrets.size() + 1);
  }

  static Reply invalid(String field, String description) {
    ObjectNode body = body(400, "invalid_argument", "Validation error");
    body.putArray("fields").addObject().put("field", field).put("description", description);
    return Reply.of(400, body);
  }

  static Reply error(int code, String message) {
    return Reply.of(code, body(code, "error", message));
  }

  private static ObjectNode body(int code, String kind, String message) {
    return Reply.object().put("status", code).put("code", kind).put("message", message);
  }
}
