package com.mcpist.deploy.platform.cloudflare;

import module java.base;

import com.mcpist.deploy.edgeclient.EdgeControl;
import com.mcpist.deploy.edgeclient.EdgeControl.EdgeException;
import com.mcpist.deploy.edgeclient.EdgeControl.EdgeStatus;
import com.mcpist.deploy.http.Call;
import com.mcpist.deploy.platform.PlatformException;
import com.mcpist.deploy.platform.PlatformException.Kind;
import com.mcpist.deploy.platform.cloudflare.LoadBalancer.LoadBalancers.Found;
import com.mcpist.deploy.platform.cloudflare.LoadBalancer.LoadBalancers.Pool;
import com.mcpist.deploy.time.Deadline;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Cloudflare's load balancer, where it chooses the origin.
 *
 * <p>An origin is drained by moving its pool to the end of the order, which keeps the pool
 * monitored. If the pool is last already, it is switched off. A drained origin is taken in again
 * only once it is healthy, because the health of a pool that was off has not been checked
 * meanwhile.
 *
 * <p>Terraform does not change the order of the pools, so this class puts a new origin into it: a
 * pool that the load balancer does not have counts as drained.
 */
public record LoadBalancer(LoadBalancers api, String name, String service, List<String> origins)
    implements EdgeControl {
  private static final Duration BETWEEN_LOOKS = Duration.ofSeconds(5);

  public LoadBalancer(
      CloudflareAccess access, String zone, String name, String service, List<String> origins) {
    this(new LoadBalancers(access, zone), name, service, origins);
  }

  /**
   * The differences between the load balancer's pools and the origins of mcpist.yml.
   *
   * @param outside the origins whose pool the load balancer does not have; they get no calls
   * @param stale the names of pools whose origins mcpist.yml has no more; like the pools foreign to
   *     the service, they get calls
   */
  public record Differences(
      List<String> without, List<String> outside, List<String> stale, List<String> foreign) {}

  /**
   * The state of the load balancer, with the pools by origin, whether or not the load balancer has
   * them.
   */
  record State(
      Found balancer,
      List<String> origins,
      Map<String, Pool> pools,
      List<Pool> others,
      Set<String> healthy) {

    PoolOrder order() {
      List<String> now =
          pools.keySet().stream()
              .filter(this::has)
              .sorted(
                  Comparator.comparingInt(
                      o -> balancer.pools().indexOf(pool(o).orElseThrow().id())))
              .toList();
      return new PoolOrder(origins, now);
    }

    Optional<Pool> pool(String origin) {
      return Optional.ofNullable(pools.get(origin));
    }

    boolean has(String origin) {
      return pool(origin).filter(pool -> balancer.pools().contains(pool.id())).isPresent();
    }

    boolean isHealthy(String origin) {
      return pool(origin).filter(Pool::enabled).isPresent() && healthy.contains(origin);
    }

    boolean isDrained(String origin) {
      return pool(origin).filter(Pool::enabled).isEmpty() || order().isBehind(origin);
    }

    boolean canBeWithout(String origin) {
      return origins.stream()
          .anyMatch(other -> !other.equals(origin) && isHealthy(other) && !isDrained(other));
    }

    /**
     * Returns the pools of those origins in that order, followed by the load balancer's other
     * pools.
     */
    List<String> ids(List<String> names) {
      List<String> ids = new ArrayList<>();
      names.forEach(name -> pool(name).map(Pool::id).ifPresent(ids::add));
      balancer.pools().stream().filter(id -> !ids.contains(id)).forEach(ids::add);
      return ids;
    }

    /**
     * Returns the pools of origins that mcpist.yml has no more, recognised by the names that
     * Terraform gives to pools of the service.
     */
    List<Pool> stale(String service) {
      return others.stream().filter(pool -> pool.isOf(service)).toList();
    }

    EdgeStatus status() {
      Optional<String> active = order().now().stream().filter(this::isHealthy).findFirst();
      List<EdgeStatus.Seen> seen = new ArrayList<>();
      for (String origin : origins) {
        String state = isDrained(origin) ? "drained" : isHealthy(origin) ? "healthy" : "unhealthy";
        boolean serves = active.filter(origin::equals).isPresent();
        seen.add(new EdgeStatus.Seen(origin, state, serves, "", Optional.empty()));
      }
      return new EdgeStatus(seen, Optional.empty(), Optional.empty(), Optional.empty(), List.of());
    }
  }

  record PoolOrder(List<String> preferred, List<String> now) {
    /** Returns true if an origin that mcpist.yml prefers less is tried before this one. */
    boolean isBehind(String origin) {
      int rank = preferred.indexOf(origin);
      int place = now.indexOf(origin);
      return place < 0
          || now.subList(0, place).stream().anyMatch(other -> preferred.indexOf(other) > rank);
    }

    /**
     * Returns true if the origin is tried after all the others already, so that no order keeps more
     * calls from it.
     */
    boolean isLast(String origin) {
      return !now.isEmpty() && now.getLast().equals(origin);
    }

    /** Returns the order with that origin last, where it stays monitored. */
    List<String> without(String origin) {
      List<String> order = new ArrayList<>(now);
      order.remove(origin);
      order.add(origin);
      return order;
    }

    /** Returns the order with that origin before the first one that mcpist.yml prefers less. */
    List<String> with(String origin) {
      List<String> order = new ArrayList<>(now);
      order.remove(origin);
      int rank = preferred.indexOf(origin);
      int place = 0;
      while (place < order.size() && preferred.indexOf(order.get(place)) < rank) {
        place++;
      }
      order.add(place, origin);
      return order;
    }
  }

  public Differences differences(Deadline deadline) throws InterruptedException {
    State now = state(deadline);
    List<String> stale = now.stale(service).stream().map(Pool::name).toList();
    return new Differences(
        origins.stream().filter(origin -> now.pool(origin).isEmpty()).toList(),
        origins.stream()
            .filter(origin -> now.pool(origin).isPresent() && !now.has(origin))
            .toList(),
        stale,
        now.others().stream().map(Pool::name).filter(n -> !stale.contains(n)).toList());
  }

  @Override
  public EdgeStatus status(Deadline deadline) throws InterruptedException {
    return told(() -> state(deadline).status());
  }

  @Override
  public EdgeStatus drain(String origin, Deadline deadline) throws InterruptedException {
    return told(
        () -> {
          State now = state(deadline);
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
          return state(deadline).status();
        });
  }

  /**
   * {@inheritDoc} A pool that the load balancer does not have is added as the last one and waited
   * for: there it is monitored, and gets calls only when no other pool can. Pools of origins that
   * mcpist.yml has no more are removed at the end.
   */
  @Override
  public EdgeStatus undrain(String origin, Deadline deadline) throws InterruptedException {
    return told(
        () -> {
          joined(origin, deadline);
          State now = healthy(origin, deadline);
          List<String> stale = now.stale(service).stream().map(Pool::id).toList();
          if (now.order().isBehind(origin) || !stale.isEmpty()) {
            List<String> ids = now.ids(now.order().with(origin));
            ids.removeAll(stale);
            api.order(now.balancer(), ids, deadline);
            now = state(deadline);
          }
          return now.status();
        });
  }

  private void joined(String origin, Deadline deadline) throws InterruptedException {
    State now = state(deadline);
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

  private State healthy(String origin, Deadline deadline) throws InterruptedException {
    State now = state(deadline);
    while (!now.isHealthy(origin)) {
      if (deadline.remaining().compareTo(BETWEEN_LOOKS) <= 0) {
        throw new EdgeException(
            "undrain " + origin + ": its pool is not healthy yet. Run it again later", false);
      }
      deadline.sleep(BETWEEN_LOOKS);
      now = state(deadline);
    }
    return now;
  }

  private State state(Deadline deadline) throws InterruptedException {
    Found balancer = api.find(name, deadline);
    List<Pool> all = api.pools(deadline);
    List<Pool> others = new ArrayList<>();
    for (String id : balancer.pools()) {
      all.stream().filter(pool -> pool.id().equals(id)).forEach(others::add);
    }
    Map<String, Pool> pools = new LinkedHashMap<>();
    Set<String> healthy = new HashSet<>();
    for (String origin : origins) {
      Optional<Pool> pool =
          others.stream()
              .filter(one -> one.origin().equals(origin))
              .findFirst()
              // Another deployment of the account may have an origin of the same name.
              .or(() -> all.stream().filter(one -> one.is(service, origin)).findFirst());
      if (pool.isPresent()) {
        pools.put(origin, pool.get());
        others.remove(pool.get());
        if (pool.get().enabled() && api.isHealthy(pool.get(), deadline)) {
          healthy.add(origin);
        }
      }
    }
    return new State(balancer, origins, pools, others, healthy);
  }

  private static Pool poolOf(String origin, State now) {
    return now.pool(origin)
        .orElseThrow(
            () ->
                new EdgeException(
                    "there is no pool with the origin " + origin + ". Apply terraform/ first",
                    false));
  }

  private interface Work {
    EdgeStatus done() throws InterruptedException;
  }

  private static EdgeStatus told(Work work) throws InterruptedException {
    try {
      return work.done();
    } catch (PlatformException e) {
      throw new EdgeException(String.valueOf(e.getMessage()).replaceAll("\\.$", ""), false);
    }
  }

  public record LoadBalancers(CloudflareAccess access, String zone) {
    record Found(String id, String name, List<String> pools) {}

    /** A pool of one origin. Terraform names it by service, hyphen and origin. */
    record Pool(String id, String name, String origin, boolean enabled) {
      static Pool of(JsonNode json) {
        return new Pool(
            json.path("id").asString(""),
            json.path("name").asString(""),
            json.path("origins").path(0).path("name").asString(""),
            json.path("enabled").asBoolean(true));
      }

      /** Returns true if the pool has a name that Terraform gives to pools of that service. */
      boolean isOf(String service) {
        return name.startsWith(service + "-");
      }

      /**
       * Returns true if the pool is the one that Terraform makes for that origin of that service.
       */
      boolean is(String service, String wanted) {
        return name.equals(service + "-" + wanted) && origin.equals(wanted);
      }

      /**
       * Returns true if the pool is healthy. Cloudflare sends the health in two shapes: for each
       * place, or once for all places.
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

    public boolean has(String name, Deadline deadline) throws InterruptedException {
      return found(name, deadline).isPresent();
    }

    private Optional<Found> found(String name, Deadline deadline) throws InterruptedException {
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

    Found find(String name, Deadline deadline) throws InterruptedException {
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

    List<Pool> pools(Deadline deadline) throws InterruptedException {
      JsonNode found = access.calls().read(Call.get("list pools", poolsPath()), deadline);
      return found.path("result").valueStream().map(Pool::of).toList();
    }

    boolean isHealthy(Pool pool, Deadline deadline) throws InterruptedException {
      String path = poolsPath() + "/" + Call.segment(pool.id()) + "/health";
      Call call = Call.get("health of pool " + pool.origin(), path);
      return Pool.isHealthy(access.calls().read(call, deadline).path("result"));
    }

    /** Sets the order in which the pools are tried. A second call does no harm. */
    void order(Found balancer, List<String> pools, Deadline deadline) throws InterruptedException {
      ObjectNode body = Call.object();
      pools.forEach(body.putArray("default_pools")::add);
      String path = zonePath() + "/" + Call.segment(balancer.id());
      String what = "change the order of the pools of " + balancer.name();
      var _ = access.calls().read(Call.change(what, "PATCH", path, body).asRepeatable(), deadline);
    }

    /** Switches a pool on or off. A second call does no harm. */
    void enable(Pool pool, boolean enabled, Deadline deadline) throws InterruptedException {
      ObjectNode body = Call.object().put("enabled", enabled);
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
}
