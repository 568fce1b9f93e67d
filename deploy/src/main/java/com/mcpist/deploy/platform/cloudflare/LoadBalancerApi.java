package com.mcpist.deploy.platform.cloudflare;

import com.mcpist.deploy.http.Call;
import com.mcpist.deploy.platform.PlatformException;
import com.mcpist.deploy.platform.PlatformException.Kind;
import com.mcpist.deploy.platform.VendorCalls;
import com.mcpist.deploy.time.Deadline;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** The calls about one load balancer and its pools that are needed, each as one method. */
final class LoadBalancerApi {
  private final VendorCalls calls;
  private final String account;
  private final String zone;
  private final String name;

  /**
   * @param zone the zone's id
   * @param name the load balancer's host name
   */
  LoadBalancerApi(CloudflareAccess access, String zone, String name) {
    this.calls = access.calls();
    this.account = "/accounts/" + Call.segment(access.account()) + "/load_balancers";
    this.zone = "/zones/" + Call.segment(zone) + "/load_balancers";
    this.name = name;
  }

  /**
   * The load balancer.
   *
   * @param pools the ids of its pools, in the order in which they are tried
   */
  record Found(String id, List<String> pools) {
    /** As given. */
    Found {
      pools = List.copyOf(pools);
    }
  }

  /** Empty where there is none of that name. */
  Optional<Found> found(Deadline deadline) throws PlatformException, InterruptedException {
    for (JsonNode one :
        calls.read(Call.get("list load balancers", zone), deadline).path("result")) {
      if (one.path("name").asString("").equals(name)) {
        List<String> pools = new ArrayList<>();
        one.path("default_pools").forEach(id -> pools.add(id.asString("")));
        return Optional.of(new Found(one.path("id").asString(""), pools));
      }
    }
    return Optional.empty();
  }

  Found find(Deadline deadline) throws PlatformException, InterruptedException {
    return found(deadline)
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
    calls
        .read(Call.get("list pools", account + "/pools"), deadline)
        .path("result")
        .forEach(pool -> pools.add(Pool.of(pool)));
    return pools;
  }

  boolean isHealthy(Pool pool, Deadline deadline) throws PlatformException, InterruptedException {
    String path = account + "/pools/" + Call.segment(pool.id()) + "/health";
    return Pool.isHealthy(
        calls.read(Call.get("health of pool " + pool.origin(), path), deadline).path("result"));
  }

  /** Tries the pools in this order. A second time does no harm. */
  void order(Found balancer, List<String> pools, Deadline deadline)
      throws PlatformException, InterruptedException {
    ObjectNode body = JsonMapper.shared().createObjectNode();
    pools.forEach(body.putArray("default_pools")::add);
    String path = zone + "/" + Call.segment(balancer.id());
    Call call = Call.change("change the order of the pools of " + name, "PATCH", path, body);
    var _ = calls.read(call.asRepeatable(), deadline);
  }

  /** Switches a pool on or off. A second time does no harm. */
  void enable(Pool pool, boolean enabled, Deadline deadline)
      throws PlatformException, InterruptedException {
    ObjectNode body = JsonMapper.shared().createObjectNode().put("enabled", enabled);
    String path = account + "/pools/" + Call.segment(pool.id());
    String what = (enabled ? "enable" : "disable") + " pool " + pool.origin();
    var _ = calls.read(Call.change(what, "PATCH", path, body).asRepeatable(), deadline);
  }
}
