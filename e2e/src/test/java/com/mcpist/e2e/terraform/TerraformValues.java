package com.mcpist.e2e.terraform;

import com.mcpist.deploy.config.Cloudflare;
import com.mcpist.deploy.config.Deployment;
import com.mcpist.deploy.config.Edge.Failover;
import com.mcpist.deploy.config.Monitor;
import com.mcpist.deploy.config.Origin;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import tools.jackson.databind.JsonNode;

/** Compares what Terraform would make with what mcpist.yml says, read by MCPist itself. */
final class TerraformValues {
  private static final String POOL = "cloudflare_load_balancer_pool";

  private final TerraformPlan plan;
  private final Deployment deployment;
  private final Cloudflare cloudflare;
  private final List<String> problems = new ArrayList<>();

  private TerraformValues(TerraformPlan plan, Deployment deployment) {
    this.plan = plan;
    this.deployment = deployment;
    this.cloudflare = deployment.cloudflare().orElseThrow();
  }

  /** What differs, and what was wrong with the files. */
  static List<String> problems(TerraformPlan plan, Deployment deployment) {
    TerraformValues values = new TerraformValues(plan, deployment);
    values.problems.addAll(plan.problems());
    values.worker();
    if (deployment.edge().failover() == Failover.LOAD_BALANCER) {
      values.monitor();
      values.pools();
      values.balancer();
    } else {
      values.same("load balancers", plan.all("cloudflare_load_balancer").size(), 0);
      values.same("pools", plan.all(POOL).size(), 0);
      values.same("monitors", plan.all("cloudflare_load_balancer_monitor").size(), 0);
    }
    return values.problems;
  }

  private void worker() {
    JsonNode domain = plan.only("cloudflare_workers_custom_domain");
    same("domain", text(domain, "hostname"), deployment.domain().orElseThrow());
    same("domain's Worker", text(domain, "service"), cloudflare.worker());
    same("domain's zone", text(domain, "zone_id"), "${var.zone_id}");
    JsonNode cron = plan.only("cloudflare_workers_cron_trigger");
    same("cron's Worker", text(cron, "script_name"), cloudflare.worker());
    same("cron", text(cron.path("schedules").path(0), "cron"), "* * * * *");
    JsonNode state = plan.only("cloudflare_workers_kv_namespace");
    same("namespace", text(state, "title"), cloudflare.worker() + "-state");
    same("account", text(state, "account_id"), cloudflare.account());
  }

  private void monitor() {
    JsonNode made = plan.only("cloudflare_load_balancer_monitor");
    Monitor wanted = deployment.monitor();
    same("path", text(made, "path"), wanted.path());
    same("interval", made.path("interval").asDouble(), (double) wanted.interval().toSeconds());
    same("timeout", made.path("timeout").asDouble(), (double) wanted.timeout().toSeconds());
    same("retries", made.path("retries").asInt(), wanted.retries());
    same("consecutive_down", made.path("consecutive_down").asInt(), wanted.consecutiveDown());
    same("consecutive_up", made.path("consecutive_up").asInt(), wanted.consecutiveUp());
    same("expected_body", text(made, "expected_body"), wanted.expectedBody());
    same("expected_codes", text(made, "expected_codes"), "" + wanted.expectedCode());
    same("method", text(made, "method"), "GET");
    same("headers, which would be in the state", made.has("header"), false);
  }

  private void pools() {
    List<JsonNode> pools = plan.all(POOL);
    same("pools", pools.size(), deployment.origins().size());
    for (int i = 0; i < Math.min(pools.size(), deployment.origins().size()); i++) {
      pool(pools.get(i), deployment.origins().get(i));
    }
  }

  private void pool(JsonNode pool, Origin origin) {
    JsonNode values = pool.path("values");
    String host = URI.create(origin.url().orElseThrow()).getHost();
    JsonNode made = values.path("origins").path(0);
    same("origins of a pool", values.path("origins").size(), 1);
    same("origin", text(made, "name"), origin.name());
    same("address", text(made, "address"), host);
    same("weight", made.path("weight").asDouble(), 1.0);
    same("host", text(made.path("header").path("host"), 0), host);
    same("pool", text(values, "name"), deployment.service() + "-" + origin.name());
    same("ignored of a pool", ignored(pool), "${enabled}");
  }

  private void balancer() {
    JsonNode made = plan.only("cloudflare_load_balancer");
    same("load balancer", text(made, "name"), cloudflare.loadBalancer().orElseThrow());
    same("steering_policy", text(made, "steering_policy"), "off");
    same("proxied", made.path("proxied").asBoolean(false), true);
    JsonNode across = made.path("adaptive_routing").path("failover_across_pools");
    same("failover_across_pools", across.asBoolean(false), true);
    List<String> order = deployment.originNames().stream().map(TerraformValues::id).toList();
    same(
        "default_pools",
        made.path("default_pools").valueStream().map(JsonNode::asString).toList(),
        order);
    same("fallback_pool", text(made, "fallback_pool"), order.getLast());
    same(
        "ignored of the load balancer",
        plan.all("cloudflare_load_balancer").stream().map(TerraformValues::ignored).toList(),
        List.of("${default_pools}"));
  }

  private static String id(String origin) {
    return "${" + POOL + ".origin[\"" + origin + "\"].id}";
  }

  private static String ignored(JsonNode resource) {
    return text(resource.path("lifecycle").path("ignore_changes"), 0);
  }

  private static String text(JsonNode json, Object key) {
    JsonNode value = key instanceof Integer place ? json.path(place) : json.path("" + key);
    return value.asString("");
  }

  private void same(String what, Object made, Object wanted) {
    if (!Objects.equals(made, wanted)) {
      problems.add(what + ": " + made + " is not mcpist.yml's " + wanted);
    }
  }
}
