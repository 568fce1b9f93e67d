package com.mcpist.testkit.vendor;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Load balancers, their pools of one origin each and what monitors those, as Cloudflare has them.
 */
final class Balancer {
  private final Things monitors =
      new Things(
          "c1a5b3d7",
          """
          {"type": "http", "method": "GET", "path": "/", "port": 0, "interval": 60, "timeout": 5,
           "retries": 2, "consecutive_down": 0, "consecutive_up": 0, "expected_codes": "200",
           "expected_body": "", "follow_redirects": false, "allow_insecure": false,
           "description": "", "probe_zone": ""}
          """,
          true);
  private final Things pools =
      new Things(
          "d2b6c4e8",
          """
          {"description": "", "enabled": true, "minimum_origins": 1, "check_regions": null,
           "notification_email": ""}
          """,
          true);
  private final Things balancers =
      new Things(
          "e3c7d5f9",
          """
          {"description": "", "enabled": true, "proxied": false, "session_affinity": "none",
           "steering_policy": ""}
          """,
          true);
  private final Map<String, Boolean> healthy = new LinkedHashMap<>();
  private boolean newer;

  void add(String poolName, String origin) {
    ObjectNode pool = Reply.object().put("name", poolName);
    pool.putArray("origins").addObject().put("name", origin);
    completed(pools.add(pool));
    healthy.put(origin, true);
  }

  /** A load balancer that has all pools. */
  void balance(String name) {
    ObjectNode balancer = Reply.object().put("name", name).put("steering_policy", "off");
    ArrayNode order = balancer.putArray("default_pools");
    pools.all().forEach(pool -> order.add(pool.get("id")));
    balancers.add(balancer.set("fallback_pool", order.path(order.size() - 1)));
  }

  void join(String origin) {
    ArrayNode order = (ArrayNode) balancer().path("default_pools");
    poolsOf(origin).forEach(pool -> order.add(pool.get("id")));
  }

  void remove() {
    balancers.clear();
  }

  void healthy(String origin, boolean value) {
    healthy.put(origin, value);
  }

  void newerHealth(boolean value) {
    newer = value;
  }

  List<String> order() {
    return ordered().map(Balancer::origin).toList();
  }

  List<String> poolNames() {
    return ordered().map(pool -> pool.path("name").asString()).toList();
  }

  boolean enabled(String origin) {
    return poolsOf(origin).allMatch(pool -> pool.path("enabled").asBoolean());
  }

  /** All that there is, by kind. */
  void inventory(ObjectNode into) {
    into.set("monitors", monitors.list());
    into.set("pools", pools.list());
    into.set("load_balancers", balancers.list());
  }

  private ObjectNode balancer() {
    return balancers.all().iterator().next();
  }

  private Stream<ObjectNode> ordered() {
    return ids(balancer().path("default_pools")).flatMap(id -> pools.find(id).stream());
  }

  private Stream<ObjectNode> poolsOf(String origin) {
    return pools.all().stream().filter(pool -> origin(pool).equals(origin));
  }

  private static String origin(JsonNode pool) {
    return pool.path("origins").path(0).path("name").asString("");
  }

  private static Stream<String> ids(JsonNode list) {
    return list.valueStream().map(JsonNode::asString);
  }

  Reply handle(Request request) {
    if (request.path().startsWith("/client/v4/zones/")) {
      return balancers(request);
    }
    return request.part(6).equals("monitors") ? monitors(request) : pools(request);
  }

  private Reply balancers(Request request) {
    JsonNode body = request.body();
    Stream<String> wanted =
        Stream.concat(
            ids(body.path("default_pools")),
            Stream.ofNullable(body.path("fallback_pool").asString(null)));
    if (!wanted.allMatch(id -> pools.find(id).isPresent())) {
      return CloudflareServer.error(400, 1002, "default_pools: pool not found");
    }
    return balancers.handle(request, request.part(6));
  }

  private Reply monitors(Request request) {
    String id = request.part(7);
    boolean used =
        pools.all().stream().anyMatch(pool -> pool.path("monitor").asString("").equals(id));
    return request.method().equals("DELETE") && used
        ? referenced("monitor")
        : monitors.handle(request, id);
  }

  private Reply pools(Request request) {
    String id = request.part(7);
    String monitor = request.body().path("monitor").asString("");
    if (!monitor.isEmpty() && monitors.find(monitor).isEmpty()) {
      return CloudflareServer.error(400, 1002, "monitor: not found");
    }
    if (request.method().equals("DELETE")
        && balancers.all().stream().anyMatch(one -> uses(one, id))) {
      return referenced("pool");
    }
    if (request.part(8).equals("health")) {
      return pools
          .find(id)
          .map(pool -> CloudflareServer.ok(health(id, pool)))
          .orElseGet(() -> CloudflareServer.error(404, 1001, "not found: pool"));
    }
    Reply reply = pools.handle(request, id);
    pools.all().forEach(Balancer::completed);
    return reply;
  }

  private static boolean uses(ObjectNode balancer, String pool) {
    return balancer.path("fallback_pool").asString("").equals(pool)
        || ids(balancer.path("default_pools")).anyMatch(pool::equals);
  }

  private static Reply referenced(String kind) {
    return CloudflareServer.error(412, 1005, "delete failed: " + kind + " is referenced by others");
  }

  /** What Cloudflare adds to a pool: to each origin its defaults, and when it was switched off. */
  private static void completed(ObjectNode pool) {
    for (JsonNode origin : pool.path("origins")) {
      ((ObjectNode) origin).putIfAbsent("enabled", pool.booleanNode(true));
      ((ObjectNode) origin).putIfAbsent("weight", pool.numberNode(1));
    }
    if (pool.path("enabled").asBoolean()) {
      pool.remove("disabled_at");
    } else {
      pool.putIfAbsent("disabled_at", pool.path("modified_on"));
    }
  }

  /** A pool that is switched off is not asked, nor one that no load balancer has. */
  private ObjectNode health(String id, ObjectNode pool) {
    ObjectNode health = Reply.object().put("pool_id", id);
    ObjectNode places = health.putObject("pop_health");
    if (pool.path("enabled").asBoolean()
        && balancers.all().stream().anyMatch(one -> uses(one, id))) {
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
