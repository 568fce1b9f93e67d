package com.mcpist.deploy.platform.cloudflare;

import com.mcpist.deploy.edgeclient.EdgeStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * How a load balancer stands.
 *
 * @param origins as mcpist.yml prefers them
 * @param pools those of the origins by their names, whether the load balancer has them or not; none
 *     for an origin that Terraform has made no pool for yet
 * @param others what else the load balancer has, by its id
 * @param healthy which of the origins are, as their pools say
 */
record BalancerStanding(
    LoadBalancerApi.Found balancer,
    List<String> origins,
    Map<String, Pool> pools,
    Map<String, Pool> others,
    Set<String> healthy) {

  /** The origins as the load balancer tries them. */
  PoolOrder order() {
    List<String> now = new ArrayList<>();
    for (String id : balancer.pools()) {
      pools.forEach(
          (origin, pool) -> {
            if (pool.id().equals(id)) {
              now.add(origin);
            }
          });
    }
    return new PoolOrder(origins, now);
  }

  Optional<Pool> pool(String origin) {
    return Optional.ofNullable(pools.get(origin));
  }

  /** Whether the load balancer has its pool. */
  boolean has(String origin) {
    return pool(origin).filter(pool -> balancer.pools().contains(pool.id())).isPresent();
  }

  boolean isHealthy(String origin) {
    return pool(origin).filter(Pool::enabled).isPresent() && healthy.contains(origin);
  }

  boolean isDrained(String origin) {
    return pool(origin).filter(Pool::enabled).isEmpty() || order().isBehind(origin);
  }

  /** Whether calls have somewhere to go without that origin. */
  boolean canBeWithout(String origin) {
    return origins.stream()
        .anyMatch(other -> !other.equals(origin) && isHealthy(other) && !isDrained(other));
  }

  /** The pools of those origins in that order, and then whatever else the load balancer has. */
  List<String> ids(List<String> names) {
    List<String> ids = new ArrayList<>();
    names.forEach(name -> pool(name).map(Pool::id).ifPresent(ids::add));
    balancer.pools().stream().filter(id -> !ids.contains(id)).forEach(ids::add);
    return ids;
  }

  /**
   * The pools of origins that mcpist.yml has no more, by their names: those that are called as
   * Terraform calls this service's.
   */
  List<Pool> stale(String service) {
    return others.values().stream().filter(pool -> pool.isOf(service)).toList();
  }

  EdgeStatus status() {
    Optional<String> active = order().now().stream().filter(this::isHealthy).findFirst();
    List<EdgeStatus.Seen> seen = new ArrayList<>();
    for (String origin : origins) {
      String state = isDrained(origin) ? "drained" : isHealthy(origin) ? "healthy" : "unhealthy";
      boolean serves = active.filter(origin::equals).isPresent();
      seen.add(new EdgeStatus.Seen(origin, state, serves, "", Optional.empty()));
    }
    return new EdgeStatus(seen, Optional.empty(), Optional.empty(), Optional.empty());
  }
}
