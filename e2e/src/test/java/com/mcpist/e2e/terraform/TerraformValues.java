package com.mcpist.e2e.terraform;

import com.mcpist.deploy.config.Deployment;
import com.mcpist.deploy.config.Deployment.Cloudflare;
import com.mcpist.deploy.config.Deployment.Edge.Failover;
import com.mcpist.deploy.config.Deployment.Monitor;
import com.mcpist.deploy.config.Deployment.Origin;
import com.mcpist.testkit.vendor.CloudflareServer;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import tools.jackson.databind.JsonNode;

/** Compares what is on Cloudflare with what mcpist.yml says, read by MCPist itself. */
final class TerraformValues {
  private final JsonNode account;
  private final Deployment deployment;
  private final Cloudflare cloudflare;
  private final List<String> problems = new ArrayList<>();

  private TerraformValues(JsonNode account, Deployment deployment) {
    this.account = account;
    this.deployment = deployment;
    this.cloudflare = deployment.cloudflare().orElseThrow();
  }

  /**
   * What differs.
   *
   * @param account what there is, as {@link CloudflareServer#inventory} has it
   */
  static List<String> problems(JsonNode account, Deployment deployment) {
    TerraformValues values = new TerraformValues(account, deployment);
    values.worker();
    if (deployment.edge().failover() == Failover.LOAD_BALANCER) {
      values.monitor();
      values.pools();
      values.balancer();
    } else {
      values.same("load balancers", account.path("load_balancers").size(), 0);
      values.same("pools", account.path("pools").size(), 0);
      values.same("monitors", account.path("monitors").size(), 0);
    }
    return values.problems;
  }

  private JsonNode only(String kind) {
    same(kind, account.path(kind).size(), 1);
    return account.path(kind).path(0);
  }

  private void worker() {
    JsonNode domain = only("domains");
    same("domain", text(domain, "hostname"), deployment.domain().orElseThrow());
    same("domain's Worker", text(domain, "service"), cloudflare.worker());
    same("domain's zone", text(domain, "zone_id"), CloudflareServer.ZONE);
    same("cron", text(only("schedules"), "cron"), "* * * * *");
    same("namespace", text(only("namespaces"), "title"), cloudflare.worker() + "-state");
  }

  private void monitor() {
    JsonNode made = only("monitors");
    Monitor wanted = deployment.monitor();
    same("path", text(made, "path"), wanted.path());
    same("interval", made.path("interval").asDouble(), (double) wanted.interval().toSeconds());
    same("timeout", made.path("timeout").asDouble(), (double) wanted.timeout().toSeconds());
    same("retries", made.path("retries").asInt(), wanted.retries());
    same("consecutive_down", made.path("consecutive_down").asInt(), wanted.consecutiveDown());
    same("consecutive_up", made.path("consecutive_up").asInt(), wanted.consecutiveUp());
    same("expected_body", text(made, "expected_body"), wanted.expectedBody());
    same("expected_codes", text(made, "expected_codes"), "" + wanted.expectedCode());
    same("type", text(made, "type"), "https");
    same("method", text(made, "method"), "GET");
    same("headers, which would be in the state", made.has("header"), false);
  }

  private void pools() {
    same("pools", account.path("pools").size(), deployment.origins().size());
    for (Origin origin : deployment.origins()) {
      pool(pool(origin), origin);
    }
  }

  /** That of an origin; missing where there is none. Pools are made at the same time. */
  private JsonNode pool(Origin origin) {
    String name = deployment.service() + "-" + origin.name();
    return account
        .path("pools")
        .valueStream()
        .filter(pool -> text(pool, "name").equals(name))
        .findFirst()
        .orElse(account.path("pools").path(-1));
  }

  private void pool(JsonNode pool, Origin origin) {
    String host = URI.create(origin.url().orElseThrow()).getHost();
    JsonNode made = pool.path("origins").path(0);
    same("origins of a pool", pool.path("origins").size(), 1);
    same("origin", text(made, "name"), origin.name());
    same("address", text(made, "address"), host);
    same("weight", made.path("weight").asDouble(), 1.0);
    same("host", made.path("header").path("Host").path(0).asString(""), host);
    same("monitor", text(pool, "monitor"), text(only("monitors"), "id"));
  }

  private void balancer() {
    JsonNode made = only("load_balancers");
    same("load balancer", text(made, "name"), cloudflare.loadBalancer().orElseThrow());
    same("steering_policy", text(made, "steering_policy"), "off");
    same("proxied", made.path("proxied").asBoolean(false), true);
    JsonNode across = made.path("adaptive_routing").path("failover_across_pools");
    same("failover_across_pools", across.asBoolean(false), true);
    List<String> order =
        deployment.origins().stream().map(origin -> text(pool(origin), "id")).toList();
    same(
        "default_pools",
        made.path("default_pools").valueStream().map(JsonNode::asString).toList(),
        order);
    same("fallback_pool", text(made, "fallback_pool"), order.getLast());
  }

  private static String text(JsonNode json, String key) {
    return json.path(key).asString("");
  }

  private void same(String what, Object made, Object wanted) {
    if (!Objects.equals(made, wanted)) {
      problems.add(what + ": " + made + " is not mcpist.yml's " + wanted);
    }
  }
}
