package com.mcpist.e2e.terraform;

import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What has to be written in terraform/ word by word: without these a call would fail, or a value of
 * mcpist.yml would mean nothing. What the expressions come to is seen where they are applied.
 */
final class TerraformFacts {
  private static final String MONITOR = "/cloudflare_load_balancer_monitor.health";
  private static final String POOL = "/cloudflare_load_balancer_pool.origin";
  private static final String BALANCER = "/cloudflare_load_balancer.edge";
  private static final String DOMAIN = "/cloudflare_workers_custom_domain.edge";
  private static final String CRON = "/cloudflare_workers_cron_trigger.probe";
  private static final String NAMESPACE = "/cloudflare_workers_kv_namespace.state";

  /** Where, and the JSON that is there; nothing for what must not be. */
  private static final Map<String, String> FACTS =
      Map.ofEntries(
          Map.entry(MONITOR + "/path", "\"${local.monitor.path}\""),
          Map.entry(MONITOR + "/interval", "\"${local.seconds.interval}\""),
          Map.entry(MONITOR + "/timeout", "\"${local.seconds.timeout}\""),
          Map.entry(MONITOR + "/retries", "\"${local.monitor.retries}\""),
          Map.entry(MONITOR + "/consecutive_down", "\"${local.monitor.consecutive_down}\""),
          Map.entry(MONITOR + "/consecutive_up", "\"${local.monitor.consecutive_up}\""),
          Map.entry(MONITOR + "/expected_codes", "\"${tostring(local.monitor.expected_code)}\""),
          Map.entry(MONITOR + "/expected_body", "\"${local.monitor.expected_body}\""),
          // It would be in the state in the clear, and it goes to both origins.
          Map.entry(MONITOR + "/header", ""),
          Map.entry(POOL + "/for_each", "\"${local.hosts}\""),
          Map.entry(POOL + "/monitor", "\"${cloudflare_load_balancer_monitor.health[0].id}\""),
          Map.entry(POOL + "/origins/0/address", "\"${each.value}\""),
          Map.entry(POOL + "/origins/0/header/host", "[\"${each.value}\"]"),
          Map.entry(POOL + "/origins/0/weight", "1"),
          Map.entry(POOL + "/origins/1", ""),
          Map.entry(POOL + "/lifecycle/0/ignore_changes", "[\"${enabled}\"]"),
          Map.entry(BALANCER + "/name", "\"${local.cloudflare.load_balancer}\""),
          Map.entry(BALANCER + "/steering_policy", "\"off\""),
          Map.entry(BALANCER + "/proxied", "true"),
          Map.entry(BALANCER + "/adaptive_routing/failover_across_pools", "true"),
          Map.entry(BALANCER + "/lifecycle/0/ignore_changes", "[\"${default_pools}\"]"),
          Map.entry(DOMAIN + "/hostname", "\"${local.deployment.domain}\""),
          Map.entry(DOMAIN + "/service", "\"${local.worker}\""),
          Map.entry(DOMAIN + "/zone_id", "\"${var.zone_id}\""),
          Map.entry(DOMAIN + "/lifecycle/0/prevent_destroy", "true"),
          Map.entry(CRON + "/script_name", "\"${local.worker}\""),
          Map.entry(CRON + "/schedules", "[{\"cron\":\"* * * * *\"}]"),
          Map.entry(NAMESPACE + "/title", "\"${local.worker}-state\""),
          Map.entry(NAMESPACE + "/lifecycle/0/prevent_destroy", "true"));

  private TerraformFacts() {}

  /** What is written otherwise, and what is wrong with the files. */
  static List<String> problems(TerraformCheck.Files files) {
    return Stream.concat(
            files.problems().stream(),
            FACTS.entrySet().stream()
                .filter(fact -> !files.resources().at(fact.getKey()).equals(json(fact.getValue())))
                .map(fact -> said(fact, files.resources().at(fact.getKey()))))
        .toList();
  }

  private static JsonNode json(String written) {
    return written.isEmpty()
        ? JsonMapper.shared().missingNode()
        : JsonMapper.shared().readTree(written);
  }

  private static String said(Map.Entry<String, String> fact, JsonNode there) {
    return "%s: there is %s, not %s"
        .formatted(
            fact.getKey(),
            there.isMissingNode() ? "nothing" : there,
            or(fact.getValue(), "nothing"));
  }

  private static String or(String text, String otherwise) {
    return text.isEmpty() ? otherwise : text;
  }
}
