package com.mcpist.deploy.platform.cloudflare;

import com.mcpist.deploy.http.Call;
import com.mcpist.deploy.platform.PlatformException;
import com.mcpist.deploy.platform.PlatformException.Kind;
import com.mcpist.deploy.time.Deadline;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

public record LoadBalancers(CloudflareAccess access, String zone) {
  record Found(String id, String name, List<String> pools) {}

  /**
   * A pool of one origin behind the load balancer.
   *
   * @param name as Terraform names it: the service's name, a hyphen, and the origin's
   */
  record Pool(String id, String name, String origin, boolean enabled) {
    static Pool of(JsonNode json) {
      return new Pool(
          json.path("id").asString(""),
          json.path("name").asString(""),
          json.path("origins").path(0).path("name").asString(""),
          json.path("enabled").asBoolean(true));
    }

    /** Whether it is called as Terraform calls a pool of that service. */
    boolean isOf(String service) {
      return name.startsWith(service + "-");
    }

    /** Whether it is the one that Terraform makes for that origin of that service. */
    boolean is(String service, String wanted) {
      return name.equals(service + "-" + wanted) && origin.equals(wanted);
    }

    /**
     * Whether a pool's health says that it is well wherever it is asked from. It comes in two
     * shapes: one health for each place, or one for all of them.
     */
    static boolean isHealthy(JsonNode health) {
      JsonNode places = health.path("pop_health");
      if (places.path("healthy").isBoolean()) {
        return places.path("healthy").asBoolean();
      }
      return !places.isEmpty()
          && places.valueStream().allMatch(place -> place.path("healthy").asBoolean(false));
    }
  }

  public boolean has(String name, Deadline deadline)
      throws PlatformException, InterruptedException {
    return found(name, deadline).isPresent();
  }

  private Optional<Found> found(String name, Deadline deadline)
      throws PlatformException, InterruptedException {
    Call call = Call.get("list load balancers", zonePath());
    for (JsonNode one : access.calls().read(call, deadline).path("result")) {
      if (one.path("name").asString("").equals(name)) {
        List<String> pools = new ArrayList<>();
        one.path("default_pools").forEach(id -> pools.add(id.asString("")));
        return Optional.of(new Found(one.path("id").asString(""), name, pools));
      }
    }
    return Optional.empty();
  }

  Found find(String name, Deadline deadline) throws PlatformException, InterruptedException {
    return found(name, deadline)
        .orElseThrow(
            () ->
                new PlatformException(
                    Kind.NOT_FOUND,
                    CloudflareAccess.NAME,
                    "find the load balancer",
                    "the zone has none of the name " + name,
                    "Make it with Terraform, or check load_balancer in mcpist.yml and "
                        + CloudflareAccess.ZONE));
  }

  List<Pool> pools(Deadline deadline) throws PlatformException, InterruptedException {
    List<Pool> pools = new ArrayList<>();
    access
        .calls()
        .read(Call.get("list pools", poolsPath()), deadline)
        .path("result")
        .forEach(pool -> pools.add(Pool.of(pool)));
    return pools;
  }

  boolean isHealthy(Pool pool, Deadline deadline) throws PlatformException, InterruptedException {
    String path = poolsPath() + "/" + Call.segment(pool.id()) + "/health";
    Call call = Call.get("health of pool " + pool.origin(), path);
    return Pool.isHealthy(access.calls().read(call, deadline).path("result"));
  }

  /** Tries the pools in this order. A second time does no harm. */
  void order(Found balancer, List<String> pools, Deadline deadline)
      throws PlatformException, InterruptedException {
    ObjectNode body = JsonMapper.shared().createObjectNode();
    pools.forEach(body.putArray("default_pools")::add);
    String path = zonePath() + "/" + Call.segment(balancer.id());
    String what = "change the order of the pools of " + balancer.name();
    var _ = access.calls().read(Call.change(what, "PATCH", path, body).asRepeatable(), deadline);
  }

  /** Switches a pool on or off. A second time does no harm. */
  void enable(Pool pool, boolean enabled, Deadline deadline)
      throws PlatformException, InterruptedException {
    ObjectNode body = JsonMapper.shared().createObjectNode().put("enabled", enabled);
    String path = poolsPath() + "/" + Call.segment(pool.id());
    String what = (enabled ? "enable" : "disable") + " pool " + pool.origin();
    var _ = access.calls().read(Call.change(what, "PATCH", path, body).asRepeatable(), deadline);
  }

  private String zonePath() {
    return "/zones/" + Call.segment(zone) + "/load_balancers";
  }

  private String poolsPath() {
    return "/accounts/" + Call.segment(access.account()) + "/load_balancers/pools";
  }
}
