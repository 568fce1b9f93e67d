package com.mcpist.deploy.config;

import module java.base;

import com.mcpist.deploy.config.ConfigException.Place;
import com.mcpist.deploy.config.Hosting.Ssh.Listen;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

record DeploymentRules(YamlTree tree, JsonNode file, Map<Object, Place> seen) {

  static void check(YamlTree tree) {
    DeploymentRules rules = new DeploymentRules(tree, tree.root(), new HashMap<>());
    rules.times();
    rules.origins();
    rules.loadBalancer();
    int index = 0;
    for (JsonNode origin : rules.file.path("origins")) {
      rules.origin(origin, "/origins/" + index);
      index++;
    }
    rules.alerts();
    rules.billing();
  }

  private void times() {
    if (compare("/monitor/timeout", "/monitor/interval") >= 0) {
      wrongTime("/monitor/timeout", "/monitor/interval", "timeout must be less than interval");
    }
    if (compare("/edge/hold_down", "/edge/hold_down_max") > 0) {
      wrongTime(
          "/edge/hold_down_max",
          "/edge/hold_down",
          "hold_down_max must not be less than hold_down");
    }
  }

  /** As compareTo; less where one of them is wrong by itself. */
  private int compare(String left, String right) {
    try {
      Duration first = DeploymentSchema.period(file.at(left).asString(""));
      return first.compareTo(DeploymentSchema.period(file.at(right).asString("")));
    } catch (IllegalArgumentException _) {
      return -1;
    }
  }

  private void wrongTime(String key, String other, String problem) {
    tree.wrong(tree.keyPlace(tree.has(key) ? key : other), problem);
  }

  /** Without origins it is a local pair that is meant, to which what is of platforms is nothing. */
  private void origins() {
    for (String key : List.of("/domain", "/image", "/cloudflare")) {
      if (tree.has(key) && !tree.has("/origins")) {
        tree.wrong(
            tree.keyPlace(key),
            key.substring(1) + " is for platforms: it needs origins there (origins: …)");
      }
    }
  }

  private void loadBalancer() {
    String key = "/cloudflare/load_balancer";
    JsonNode host = file.at(key);
    if (host.isString() && host.equals(file.path("domain"))) {
      tree.wrong(
          tree.keyPlace(key),
          "load_balancer must be another name than domain, which is the Worker's");
    }
    if (host.isMissingNode() && file.at("/edge/failover").asString("").equals("load_balancer")) {
      tree.wrong(
          tree.keyPlace("/edge/failover"),
          "failover load_balancer needs load_balancer under cloudflare, its host name");
    }
  }

  private void alerts() {
    for (int i = 0; i < file.path("alerts").size(); i++) {
      JsonNode name = file.at("/alerts/" + i + "/name");
      String problem = "there is already an alert \"" + name.asString("") + "\"";
      once("/alerts/" + i + "/name", List.of("alert", name), problem);
    }
  }

  private void billing() {
    JsonNode stripe = file.at("/billing/stripe");
    if (!stripe.isObject()) {
      return;
    }
    if (!tree.has("/domain") && !stripe.has("return_url")) {
      tree.wrong(
          tree.keyPlace("/billing/stripe"),
          "stripe needs return_url where there is no domain: Stripe's pages lead back to it");
    }
    for (String plan : stripe.path("metered").propertyNames()) {
      if (!stripe.path("plans").has(plan)) {
        tree.wrong(
            tree.keyPlace("/billing/stripe/metered/" + plan),
            plan + " must be one of plans, which has the price of the plan itself");
      } else if (!stripe.has("meter")) {
        tree.wrong(
            tree.keyPlace("/billing/stripe/metered"),
            "metered needs meter, the event name of the meter of its prices");
      }
    }
  }

  private boolean isSecret(String variable) {
    return file.path("secrets").has(variable)
        || file.path("alerts")
            .valueStream()
            .anyMatch(alert -> alert.path("secret").asString("").equals(variable));
  }

  private void origin(JsonNode origin, String at) {
    JsonNode name = origin.path("name");
    if (name.isString()) {
      String problem = "there is already an origin \"" + name.asString() + "\"";
      once(at + "/name", List.of("name", name), problem);
    }
    JsonNode url = origin.path("url");
    if (url.isString()) {
      once(at + "/url", List.of("url", url), "another origin has the same url");
    }
    if (tree.has(at + "/app") || tree.has(at + "/host")) {
      place(origin, at);
    }
    for (String variable : origin.path("env").propertyNames()) {
      if (isSecret(variable)) {
        tree.wrong(
            tree.keyPlace(at + "/env/" + variable),
            variable
                + " is a secret and does not belong here: list its name under secrets, and set its"
                + " value in the environment");
      }
    }
  }

  private void place(JsonNode origin, String at) {
    String platform = origin.path("platform").asString("");
    ObjectNode place = (ObjectNode) origin.deepCopy();
    place.retain("platform", "host", "app", "service", "machines", "region");
    once(at + "/platform", place, "another origin is the same on " + platform);
    String host = origin.path("host").asString("");
    int port = listenPort(origin);
    if (platform.equals("ssh") && !host.isEmpty() && port > 0 && port(at, host, port)) {
      port(at, host, port + 1);
    }
  }

  private static int listenPort(JsonNode origin) {
    try {
      return Listen.parse(origin.path("listen").asString("")).port();
    } catch (IllegalArgumentException _) {
      return 0;
    }
  }

  private boolean port(String at, String host, int port) {
    return once(
        tree.has(at + "/listen") ? at + "/listen" : at + "/platform",
        List.of(host, port),
        "another origin uses port " + port + " of " + host + " (each needs two: listen)");
  }

  private boolean once(String key, Object value, String problem) {
    Place place = tree.keyPlace(key);
    Place earlier = seen.putIfAbsent(value, place);
    if (earlier != null) {
      tree.wrong(place, problem + ", in line " + earlier.line() + ". Give each its own.");
    }
    return earlier == null;
  }
}
