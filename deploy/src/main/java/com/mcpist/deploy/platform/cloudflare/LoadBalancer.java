package com.mcpist.deploy.platform.cloudflare;

import com.mcpist.deploy.edge.EdgeControl;
import com.mcpist.deploy.edge.EdgeException;
import com.mcpist.deploy.edge.EdgeStatus;
import com.mcpist.deploy.platform.PlatformException;
import com.mcpist.deploy.time.Deadline;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Cloudflare's load balancer where it is what chooses the origin.
 *
 * <p>An origin is drained by being tried last, which keeps it monitored; one that is last already
 * has its pool switched off. It is taken in again only once it is healthy: a pool that was off has
 * not been asked for its health meanwhile.
 */
public final class LoadBalancer implements EdgeControl {
  private static final Duration BETWEEN_LOOKS = Duration.ofSeconds(5);

  private final LoadBalancerApi api;
  private final List<String> origins;

  /**
   * One load balancer.
   *
   * @param zone the id of the zone that it is in
   * @param name its host name
   * @param origins as mcpist.yml prefers them
   */
  public LoadBalancer(CloudflareAccess access, String zone, String name, List<String> origins) {
    this.api = new LoadBalancerApi(access, zone, name);
    this.origins = List.copyOf(origins);
  }

  /** How it stands: the pools by their origins' names, in mcpist.yml's order. */
  private record Standing(
      LoadBalancerApi.Found balancer,
      Map<String, Pool> pools,
      Map<String, Boolean> healthy,
      PoolOrder order) {
    Pool pool(String origin) {
      return Objects.requireNonNull(pools.get(origin));
    }

    boolean isHealthy(String origin) {
      return pool(origin).enabled() && healthy.getOrDefault(origin, false);
    }

    boolean isDrained(String origin) {
      return !pool(origin).enabled() || order.isBehind(origin);
    }

    /** Those pools in that order, and then whatever else somebody has given it. */
    List<String> ids(List<String> names) {
      List<String> ids = new ArrayList<>();
      names.forEach(name -> ids.add(pool(name).id()));
      balancer.pools().stream().filter(id -> !ids.contains(id)).forEach(ids::add);
      return ids;
    }

    EdgeStatus status() {
      Optional<String> active = order.now().stream().filter(this::isHealthy).findFirst();
      List<EdgeStatus.Seen> seen = new ArrayList<>();
      for (String origin : pools.keySet()) {
        String state = isDrained(origin) ? "drained" : isHealthy(origin) ? "healthy" : "unhealthy";
        boolean serves = active.filter(origin::equals).isPresent();
        seen.add(new EdgeStatus.Seen(origin, state, serves, "", Optional.empty()));
      }
      return new EdgeStatus(seen, Optional.empty(), Optional.empty());
    }
  }

  @Override
  public EdgeStatus status(Deadline deadline) throws EdgeException, InterruptedException {
    return told(() -> standing(deadline).status());
  }

  @Override
  public EdgeStatus drain(String origin, Deadline deadline)
      throws EdgeException, InterruptedException {
    return told(
        () -> {
          Standing now = standing(deadline);
          boolean left =
              origins.stream()
                  .anyMatch(
                      other ->
                          !other.equals(origin) && now.isHealthy(other) && !now.isDrained(other));
          if (now.isDrained(origin)) {
            return now.status();
          }
          if (!left) {
            throw new EdgeException("drain " + origin + ": no healthy origin would be left", true);
          }
          if (now.order().isLast(origin)) {
            api.enable(now.pool(origin), false, deadline);
          } else {
            api.order(now.balancer(), now.ids(now.order().without(origin)), deadline);
          }
          return standing(deadline).status();
        });
  }

  @Override
  public EdgeStatus undrain(String origin, Deadline deadline)
      throws EdgeException, InterruptedException {
    return told(
        () -> {
          Standing now = standing(deadline);
          if (!now.pool(origin).enabled()) {
            api.enable(now.pool(origin), true, deadline);
            now = standing(deadline);
          }
          while (!now.isHealthy(origin)) {
            if (deadline.remaining().compareTo(BETWEEN_LOOKS) <= 0) {
              throw new EdgeException(
                  "undrain " + origin + ": its pool is not healthy yet. Run it again later", false);
            }
            deadline.sleep(BETWEEN_LOOKS);
            now = standing(deadline);
          }
          if (now.order().isBehind(origin)) {
            api.order(now.balancer(), now.ids(now.order().with(origin)), deadline);
            now = standing(deadline);
          }
          return now.status();
        });
  }

  private Standing standing(Deadline deadline)
      throws PlatformException, EdgeException, InterruptedException {
    LoadBalancerApi.Found balancer = api.find(deadline);
    Map<String, Pool> byId = new LinkedHashMap<>();
    for (Pool pool : api.pools(deadline)) {
      byId.put(pool.id(), pool);
    }
    Map<String, Pool> pools = new LinkedHashMap<>();
    Map<String, Boolean> healthy = new LinkedHashMap<>();
    for (String origin : origins) {
      Pool pool =
          balancer.pools().stream()
              .flatMap(id -> Optional.ofNullable(byId.get(id)).stream())
              .filter(one -> one.origin().equals(origin))
              .findFirst()
              .orElseThrow(() -> noPool(origin));
      pools.put(origin, pool);
      healthy.put(origin, pool.enabled() && api.isHealthy(pool, deadline));
    }
    List<String> order =
        balancer.pools().stream()
            .flatMap(id -> Optional.ofNullable(byId.get(id)).map(Pool::origin).stream())
            .filter(pools::containsKey)
            .toList();
    return new Standing(balancer, pools, healthy, new PoolOrder(origins, order));
  }

  private static EdgeException noPool(String origin) {
    return new EdgeException(
        "the load balancer has no pool with the origin " + origin + ". Apply terraform/ first",
        false);
  }

  private interface Work {
    EdgeStatus done() throws PlatformException, EdgeException, InterruptedException;
  }

  private static EdgeStatus told(Work work) throws EdgeException, InterruptedException {
    try {
      return work.done();
    } catch (PlatformException e) {
      throw new EdgeException(String.valueOf(e.getMessage()).replaceAll("\\.$", ""), false);
    }
  }
}
