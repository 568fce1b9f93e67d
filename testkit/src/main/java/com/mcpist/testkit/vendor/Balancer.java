package com.mcpist.testkit.vendor;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** A load balancer and its pools of one origin each, as Cloudflare keeps them. */
final class Balancer {
  private static final String ID = "b1b2c3d4e5f60718293a4b5c6d7e8f90";

  private final String name;
  private final Map<String, ObjectNode> pools = new LinkedHashMap<>();
  private final Map<String, Boolean> healthy = new LinkedHashMap<>();
  private List<String> order = new ArrayList<>();
  private boolean newer;
  private boolean removed;

  Balancer(String name, List<String> origins) {
    this.name = name;
    for (String origin : origins) {
      add("mcpist-" + origin, origin);
      join(origin);
    }
  }

  void add(String poolName, String origin) {
    String id = "%032x".formatted(pools.size() + 1);
    ObjectNode pool = Reply.object().put("id", id).put("name", poolName).put("enabled", true);
    pool.putArray("origins").addObject().put("name", origin).put("enabled", true);
    pools.put(id, pool);
    healthy.put(origin, true);
  }

  void join(String origin) {
    pools.forEach(
        (id, pool) -> {
          if (origin(pool).equals(origin)) {
            order.add(id);
          }
        });
  }

  void remove() {
    removed = true;
  }

  void healthy(String origin, boolean value) {
    healthy.put(origin, value);
  }

  void newerHealth(boolean value) {
    newer = value;
  }

  List<String> order() {
    return order.stream().map(id -> origin(pool(id))).toList();
  }

  List<String> poolNames() {
    return order.stream().map(id -> pool(id).path("name").asString("")).toList();
  }

  boolean enabled(String origin) {
    return pools.values().stream()
        .filter(pool -> origin(pool).equals(origin))
        .allMatch(pool -> pool.path("enabled").asBoolean());
  }

  private ObjectNode pool(String id) {
    return Objects.requireNonNull(pools.get(id), id);
  }

  private static String origin(JsonNode pool) {
    return pool.path("origins").path(0).path("name").asString("");
  }

  Reply handle(Request request) {
    if (request.is("GET", ".*/zones/[^/]+/load_balancers")) {
      ArrayNode all = Reply.object().arrayNode();
      return CloudflareServer.ok(removed ? all : all.add(json()));
    }
    if (request.is("PATCH", ".*/zones/[^/]+/load_balancers/[^/]+")) {
      return change(request.body());
    }
    if (request.is("GET", ".*/pools")) {
      ArrayNode all = Reply.object().arrayNode();
      pools.values().forEach(all::add);
      return CloudflareServer.ok(all);
    }
    if (!pools.containsKey(request.part(7))) {
      return CloudflareServer.error(404, 1001, "not found: pool");
    }
    ObjectNode pool = pool(request.part(7));
    if (request.is("PATCH", ".*/pools/[^/]+")) {
      pool.set("enabled", request.body().path("enabled"));
      return CloudflareServer.ok(pool);
    }
    return CloudflareServer.ok(health(request.part(7), pool));
  }

  private ObjectNode json() {
    ObjectNode json = Reply.object().put("id", ID).put("name", name);
    order.forEach(json.putArray("default_pools")::add);
    return json.put("steering_policy", "off");
  }

  private Reply change(JsonNode body) {
    List<String> wanted =
        body.path("default_pools").valueStream().map(id -> id.asString("")).toList();
    if (!pools.keySet().containsAll(wanted)) {
      return CloudflareServer.error(400, 1002, "default_pools: pool not found");
    }
    order = new ArrayList<>(wanted);
    return CloudflareServer.ok(json());
  }

  /** A pool that is switched off is not asked, nor one that no load balancer has. */
  private ObjectNode health(String id, ObjectNode pool) {
    ObjectNode health = Reply.object().put("pool_id", id);
    ObjectNode places = health.putObject("pop_health");
    if (pool.path("enabled").asBoolean() && order.contains(id)) {
      boolean well = healthy.getOrDefault(origin(pool), false);
      if (newer) {
        places.put("healthy", well).putArray("origins");
      } else {
        places.putObject("Amsterdam, NL").put("healthy", true);
        places.putObject("Tokyo, JP").put("healthy", well);
      }
    }
    return health;
  }
}
