package com.mcpist.testkit.vendor;

import java.net.URI;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Cloudflare, with one account, one Worker or none, and one zone: KV namespaces, the Worker's
 * domains and schedules, load balancers.
 */
public final class CloudflareServer extends VendorServer {
  /** The account's id. */
  public static final String ACCOUNT = "0123456789abcdef0123456789abcdef";

  /** The zone's id. */
  public static final String ZONE = "fedcba9876543210fedcba9876543210";

  private static final String SCRIPT = "/client/v4/accounts/[^/]+/workers/scripts/[^/]+";

  private final String worker;
  private final String zoneName;
  private final WorkerScript script = new WorkerScript();
  private final Balancer balancer = new Balancer();
  private final Things namespaces =
      new Things("a1b2c3d4", "{\"supports_url_encoding\": true}", false);
  private final Things domains = new Things("b1c2d3e4", "{\"environment\": \"production\"}", false);
  private final Map<String, String> settings =
      new TreeMap<>(Map.of("ssl", "strict", "security_level", "medium", "browser_check", "off"));
  private final ObjectNode token = Reply.object().put("id", "t1").put("status", "active");
  private final ObjectNode bots =
      Reply.object()
          .put("enable_js", false)
          .put("fight_mode", false)
          .put("ai_bots_protection", "disabled");

  /**
   * Without a Worker, with its KV namespace and a load balancer.
   *
   * @param worker what it is called once there is one
   * @param zoneName the zone's name
   * @param balancerName the load balancer's host name
   * @param origins the names of the origins, one for each pool, in order
   */
  public CloudflareServer(
      String worker, String zoneName, String balancerName, List<String> origins) {
    this(Optional.of(VendorSpec.of("cloudflare")), worker, zoneName);
    origins.forEach(origin -> balancer.add("mcpist-" + origin, origin));
    balancer.balance(balancerName);
    namespaces.add(Reply.object().put("title", worker + "-state"));
  }

  private CloudflareServer(Optional<VendorSpec> spec, String worker, String zoneName) {
    super(spec);
    this.worker = worker;
    this.zoneName = zoneName;
  }

  /**
   * With nothing, for a program of Cloudflare's own: its requests are not held to the contract,
   * which is of ours.
   *
   * @param worker what the Worker is called once there is one
   * @param zoneName the zone's name
   */
  public static CloudflareServer empty(String worker, String zoneName) {
    return new CloudflareServer(Optional.empty(), worker, zoneName);
  }

  @Override
  public URI url() {
    return URI.create(super.url() + "/client/v4");
  }

  /** The token that callers show has an end. */
  public void tokenEnds(Instant end) {
    locked(() -> token.put("expires_on", end.toString()));
  }

  /** There is no KV namespace. */
  public void withoutNamespace() {
    locked(namespaces::clear);
  }

  /**
   * A setting of the zone from now on.
   *
   * @param id ssl, which is strict before; security_level, medium; browser_check, off
   */
  public void setting(String id, String value) {
    locked(() -> settings.put(id, value));
  }

  /** Whether the zone has Bot Fight Mode on. */
  public void fightMode(boolean on) {
    locked(() -> bots.put("fight_mode", on));
  }

  /**
   * What the zone does with programs.
   *
   * @param key sbfm_definitely_automated, say, or ai_bots_protection
   */
  public void botRule(String key, String action) {
    locked(() -> bots.put(key, action));
  }

  /** After how many looks the next deployments are the deployed ones; negative: never. */
  public void arriveAfter(int looks) {
    locked(() -> script.arriveAfter(looks));
  }

  /** The next version that is uploaded is missing in so many lists of versions. */
  public void listedAfter(int lists) {
    locked(() -> script.lag(lists));
  }

  /** All versions are in the list from now on. */
  public void nowListed() {
    locked(script::list);
  }

  /** Somebody uploads a version without deploying it. */
  public void uploadedBySomebodyElse() {
    locked(() -> script.upload(Reply.object(), false));
  }

  /** Somebody deploys another version. */
  public void deployedBySomebodyElse() {
    locked(() -> script.deployNow(script.upload(Reply.object(), false)));
  }

  /** How many versions there are. */
  public int versions() {
    return locked(script::versions);
  }

  /** How many deployments there have been. */
  public int deployments() {
    return locked(script::deployments);
  }

  /** What was uploaded of the version that serves: metadata and module. */
  public JsonNode serving() {
    return locked(script::serving);
  }

  /** A secret of the version that serves. */
  public Optional<String> secret(String name) {
    return locked(() -> Optional.ofNullable(script.secrets().get(name)));
  }

  /** What holds for all versions of the Worker: observability and more. */
  public JsonNode settings() {
    return locked(() -> script.settings().deepCopy());
  }

  /** Somebody has set up how its logs are kept, and switched them off. */
  public void logsSwitchedOff(JsonNode logs) {
    locked(
        () ->
            ((ObjectNode) script.settings())
                .putObject("observability")
                .put("enabled", false)
                .set("logs", logs));
  }

  /** There is no load balancer. */
  public void withoutLoadBalancer() {
    locked(balancer::remove);
  }

  /**
   * A pool of one origin is made, as Terraform makes one for a new origin: the load balancer does
   * not have it.
   *
   * @param pool its name
   */
  public void newPool(String pool, String origin) {
    locked(() -> balancer.add(pool, origin));
  }

  /** Somebody gives the load balancer the pool of an origin, as the last one. */
  public void joined(String origin) {
    locked(() -> balancer.join(origin));
  }

  /** Says how a pool's health is from now on. */
  public void healthy(String origin, boolean healthy) {
    locked(() -> balancer.healthy(origin, healthy));
  }

  /** Whether health comes in the newer of its two shapes. */
  public void newerHealth(boolean newer) {
    locked(() -> balancer.newerHealth(newer));
  }

  /** The origins in the order in which they are tried. */
  public List<String> order() {
    return locked(balancer::order);
  }

  /** The names of the pools in the order in which they are tried. */
  public List<String> pools() {
    return locked(balancer::poolNames);
  }

  /** Whether an origin's pool is switched on. */
  public boolean enabled(String origin) {
    return locked(() -> balancer.enabled(origin));
  }

  /**
   * All that there is, by kind: namespaces, domains, schedules, monitors, pools and load_balancers,
   * a list each.
   */
  public JsonNode inventory() {
    return locked(
        () -> {
          ObjectNode all = script.scheduleList();
          all.set("namespaces", namespaces.list());
          all.set("domains", domains.list());
          balancer.inventory(all);
          return all.deepCopy();
        });
  }

  @Override
  Reply handle(Request request) {
    String path = request.path();
    if (path.startsWith("/client/v4/accounts/") && !request.part(4).equals(ACCOUNT)) {
      return error(404, 7003, "Could not route to " + path + ", perhaps your object identifier");
    }
    if (path.startsWith("/client/v4/zones/") && !request.part(4).equals(ZONE)) {
      return error(404, 7003, "Could not route to " + path + ", perhaps your object identifier");
    }
    if (path.contains("/load_balancers")) {
      return balancer.handle(request);
    }
    if (path.matches(SCRIPT + "(/.*)?")) {
      return script(request);
    }
    if (path.contains("/storage/kv/namespaces")) {
      return namespaces(request);
    }
    if (path.contains("/workers/domains")) {
      return domains(request);
    }
    if (path.contains("/settings/")) {
      return setting(request.part(6));
    }
    if (path.endsWith("/bot_management")) {
      return ok(bots);
    }
    if (path.endsWith("/tokens/verify")) {
      return ok(token);
    }
    return ok(Reply.object().put("id", ZONE).put("name", zoneName).put("status", "active"));
  }

  private Reply setting(String id) {
    String value = settings.get(id);
    return value == null
        ? error(404, 1003, "Undefined zone setting: " + id)
        : ok(Reply.object().put("id", id).put("value", value).put("editable", true));
  }

  private Reply script(Request request) {
    boolean making = request.is("PUT", SCRIPT);
    if (!request.part(7).equals(worker) || (script.versions() == 0 && !making)) {
      return error(404, 10007, "This Worker does not exist on your account.");
    }
    if (making) {
      script.deployNow(script.upload((ObjectNode) request.body(), false));
      return ok(Reply.object().put("id", worker));
    }
    return script.handle(request);
  }

  private Reply namespaces(Request request) {
    JsonNode title = request.body().path("title");
    boolean there = namespaces.all().stream().anyMatch(one -> one.path("title").equals(title));
    return request.method().equals("POST") && there
        ? error(400, 10014, "a namespace with this account ID and title already exists")
        : namespaces.handle(request, request.part(8));
  }

  /** PUT makes one, or changes the one of that host name. */
  private Reply domains(Request request) {
    if (!request.is("PUT", ".*/domains")) {
      return domains.handle(request, request.part(7));
    }
    JsonNode body = request.body();
    if (script.versions() == 0 || !body.path("service").asString("").equals(worker)) {
      return error(404, 10007, "This Worker does not exist on your account.");
    }
    ObjectNode domain =
        domains.all().stream()
            .filter(one -> one.path("hostname").equals(body.path("hostname")))
            .findFirst()
            .orElseGet(() -> domains.add(body));
    body.properties().forEach(one -> domain.set(one.getKey(), one.getValue()));
    domain.put("zone_id", ZONE).put("zone_name", zoneName);
    return ok(domain.put("cert_id", "cafe0000-0000-4000-8000-000000000000"));
  }

  static Reply ok(JsonNode result) {
    ObjectNode body = Reply.object().put("success", true);
    body.putArray("errors");
    body.putArray("messages");
    body.set("result", result);
    return Reply.ok(body);
  }

  static Reply error(int status, int code, String message) {
    ObjectNode body = Reply.object().put("success", false);
    body.putArray("errors").addObject().put("code", code).put("message", message);
    body.putArray("messages");
    body.putNull("result");
    return Reply.of(status, body);
  }

  @Override
  Reply error(int status, String message) {
    return error(status, status == 401 ? 1000 : 10000, Objects.requireNonNull(message));
  }
}
