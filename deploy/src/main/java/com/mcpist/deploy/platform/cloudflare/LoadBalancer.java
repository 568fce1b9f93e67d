package com.mcpist.deploy.platform.cloudflare;

import com.mcpist.deploy.edgeclient.EdgeControl;
import com.mcpist.deploy.edgeclient.EdgeException;
import com.mcpist.deploy.edgeclient.EdgeStatus;
import com.mcpist.deploy.platform.PlatformException;
import com.mcpist.deploy.time.Deadline;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Cloudflare's load balancer where it is what chooses the origin.
 *
 * <p>An origin is drained by being tried last, which keeps it monitored; one that is last already
 * has its pool switched off. It is taken in again only once it is healthy: a pool that was off has
 * not been asked for its health meanwhile.
 *
 * <p>Terraform leaves the order of the pools alone, so it is here that a new origin gets into it: a
 * pool that the load balancer does not have counts as drained.
 */
public final class LoadBalancer implements EdgeControl {
  private static final Duration BETWEEN_LOOKS = Duration.ofSeconds(5);

  private final LoadBalancerApi api;
  private final String service;
  private final List<String> origins;

  /**
   * One load balancer.
   *
   * @param zone the id of the zone that it is in
   * @param name its host name
   * @param service whose pools are called {@code SERVICE-ORIGIN}
   * @param origins as mcpist.yml prefers them
   */
  public LoadBalancer(
      CloudflareAccess access, String zone, String name, String service, List<String> origins) {
    this.api = new LoadBalancerApi(access, zone, name);
    this.service = service;
    this.origins = List.copyOf(origins);
  }

  /**
   * In what its pools differ from mcpist.yml's origins.
   *
   * @param without origins that have no pool at all
   * @param outside origins whose pool the load balancer does not have: they get no calls
   * @param stale pools, by their names, of origins that mcpist.yml has no more: they get calls
   * @param foreign pools, by their names, that are none of this service's: they get calls too
   */
  public record Differences(
      List<String> without, List<String> outside, List<String> stale, List<String> foreign) {}

  /** In what its pools differ from mcpist.yml's origins. */
  public Differences differences(Deadline deadline) throws PlatformException, InterruptedException {
    BalancerStanding now = standing(deadline);
    List<String> stale = now.stale(service).stream().map(Pool::name).toList();
    return new Differences(
        origins.stream().filter(origin -> now.pool(origin).isEmpty()).toList(),
        origins.stream()
            .filter(origin -> now.pool(origin).isPresent() && !now.has(origin))
            .toList(),
        stale,
        now.others().values().stream().map(Pool::name).filter(n -> !stale.contains(n)).toList());
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
          BalancerStanding now = standing(deadline);
          if (now.isDrained(origin)) {
            return now.status();
          }
          if (!now.canBeWithout(origin)) {
            throw new EdgeException("drain " + origin + ": no healthy origin would be left", true);
          }
          if (now.order().isLast(origin)) {
            api.enable(poolOf(origin, now), false, deadline);
          } else {
            api.order(now.balancer(), now.ids(now.order().without(origin)), deadline);
          }
          return standing(deadline).status();
        });
  }

  /**
   * {@inheritDoc} A pool that the load balancer does not have is given to it as the last one, where
   * it is monitored and gets calls only when no other can, and waited for there. Pools of origins
   * that mcpist.yml has no more are taken out at the end.
   */
  @Override
  public EdgeStatus undrain(String origin, Deadline deadline)
      throws EdgeException, InterruptedException {
    return told(
        () -> {
          joined(origin, deadline);
          BalancerStanding now = healthy(origin, deadline);
          List<String> stale = now.stale(service).stream().map(Pool::id).toList();
          if (now.order().isBehind(origin) || !stale.isEmpty()) {
            List<String> ids = now.ids(now.order().with(origin));
            ids.removeAll(stale);
            api.order(now.balancer(), ids, deadline);
            now = standing(deadline);
          }
          return now.status();
        });
  }

  /** Sees to it that its pool is on, and one of the load balancer's. */
  private void joined(String origin, Deadline deadline)
      throws PlatformException, EdgeException, InterruptedException {
    BalancerStanding now = standing(deadline);
    Pool pool = poolOf(origin, now);
    if (!pool.enabled()) {
      api.enable(pool, true, deadline);
    }
    if (!now.has(origin)) {
      List<String> ids = new ArrayList<>(now.balancer().pools());
      ids.add(pool.id());
      api.order(now.balancer(), ids, deadline);
    }
  }

  private BalancerStanding healthy(String origin, Deadline deadline)
      throws PlatformException, EdgeException, InterruptedException {
    BalancerStanding now = standing(deadline);
    while (!now.isHealthy(origin)) {
      if (deadline.remaining().compareTo(BETWEEN_LOOKS) <= 0) {
        throw new EdgeException(
            "undrain " + origin + ": its pool is not healthy yet. Run it again later", false);
      }
      deadline.sleep(BETWEEN_LOOKS);
      now = standing(deadline);
    }
    return now;
  }

  private BalancerStanding standing(Deadline deadline)
      throws PlatformException, InterruptedException {
    LoadBalancerApi.Found balancer = api.find(deadline);
    Map<String, Pool> others = new LinkedHashMap<>();
    Map<String, Pool> all = new LinkedHashMap<>();
    for (Pool pool : api.pools(deadline)) {
      all.put(pool.id(), pool);
    }
    balancer.pools().stream()
        .flatMap(id -> Optional.ofNullable(all.get(id)).stream())
        .forEach(pool -> others.put(pool.id(), pool));
    Map<String, Pool> pools = new LinkedHashMap<>();
    Set<String> healthy = new HashSet<>();
    for (String origin : origins) {
      Optional<Pool> pool =
          others.values().stream()
              .filter(one -> one.origin().equals(origin))
              .findFirst()
              // Another deployment of the account may have an origin of the same name.
              .or(() -> all.values().stream().filter(one -> one.is(service, origin)).findFirst());
      if (pool.isPresent()) {
        pools.put(origin, pool.get());
        others.remove(pool.get().id());
        if (pool.get().enabled() && api.isHealthy(pool.get(), deadline)) {
          healthy.add(origin);
        }
      }
    }
    return new BalancerStanding(balancer, origins, pools, others, healthy);
  }

  private static Pool poolOf(String origin, BalancerStanding now) throws EdgeException {
    return now.pool(origin)
        .orElseThrow(
            () ->
                new EdgeException(
                    "there is no pool with the origin " + origin + ". Apply terraform/ first",
                    false));
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
