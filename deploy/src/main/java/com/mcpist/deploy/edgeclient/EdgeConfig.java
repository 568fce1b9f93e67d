package com.mcpist.deploy.edgeclient;

import module java.base;

import com.mcpist.deploy.config.Auth;
import com.mcpist.deploy.config.Auth.Admission;
import com.mcpist.deploy.config.Auth.Tokens;
import com.mcpist.deploy.config.Deployment;
import com.mcpist.deploy.config.Deployment.Cloudflare;
import com.mcpist.deploy.config.Deployment.Edge;
import com.mcpist.deploy.config.Deployment.Limits;
import com.mcpist.deploy.config.Deployment.Monitor;
import com.mcpist.deploy.config.Deployment.Origin;
import com.mcpist.deploy.http.Call;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.node.StringNode;

public final class EdgeConfig {
  public static final String MCP = "/mcp";

  private EdgeConfig() {}

  public static ObjectNode monitor(Monitor monitor) {
    ObjectNode json = Call.object();
    seconds(json, "intervalSeconds", monitor.interval().toMillis());
    seconds(json, "timeoutSeconds", monitor.timeout().toMillis());
    return json.put("retries", monitor.retries())
        .put("consecutiveDown", monitor.consecutiveDown())
        .put("consecutiveUp", monitor.consecutiveUp());
  }

  private static ObjectNode forwarding(Edge edge) {
    ObjectNode json = Call.object();
    seconds(json, "waitSeconds", edge.waitLimit().toMillis());
    json.put("connectTimeoutMillis", edge.connectTimeout().toMillis())
        .put("idleTimeoutMillis", edge.idleTimeout().toMillis())
        .put("maxBodyBytes", edge.maxBodyBytes());
    seconds(json, "holdDownSeconds", edge.holdDown().toMillis());
    seconds(json, "holdDownMaxSeconds", edge.holdDownMax().toMillis());
    return json;
  }

  /** Who is told where no origin can tell it. */
  public static void addAlerts(ObjectNode config, Deployment deployment) {
    if (!deployment.alerts().orElse(List.of()).isEmpty()) {
      config.set("alerts", deployment.alertsJson());
    }
  }

  /** Has it pass on what Stripe tells. */
  public static void addBilling(ObjectNode config, Deployment deployment) {
    deployment.billing().ifPresent(_ -> config.put("billing", true));
  }

  /** Adds how it forwards, and whom it shows its status. */
  public static void addEdge(ObjectNode config, Edge edge) {
    config.set("edge", forwarding(edge));
    config.put("publicStatus", edge.publicStatus());
  }

  /** For the Worker of a deployment with a domain. */
  public static ObjectNode worker(Deployment deployment, Guard guard) {
    ObjectNode json = Call.object();
    deployment.domain().ifPresent(host -> json.putArray("allowedHosts").add(host));
    ArrayNode origins = json.putArray("origins");
    for (Origin origin : deployment.origins()) {
      origins.addObject().put("name", origin.name()).put("url", origin.url().orElse(""));
    }
    json.set("monitor", monitor(deployment.monitor()));
    addEdge(json, deployment.edge());
    json.put("failover", word(deployment.edge().failover()));
    if (deployment.edge().failover() == Edge.Failover.LOAD_BALANCER) {
      deployment
          .cloudflare()
          .flatMap(Cloudflare::loadBalancer)
          .ifPresent(host -> json.put("loadBalancer", "https://" + host));
    }
    addAlerts(json, deployment);
    addBilling(json, deployment);
    guard.addTo(json, "https://" + deployment.domain().orElseThrow() + MCP);
    return json;
  }

  /** The load balancer's host name; empty where calls go straight to the origins. */
  public static Optional<String> balancerOf(JsonNode config) {
    boolean balanced =
        config.path("failover").asString("").equals(word(Edge.Failover.LOAD_BALANCER));
    return balanced
        ? Optional.of(config.path("loadBalancer").asString("").replaceFirst("^https?://", ""))
        : Optional.empty();
  }

  private static String word(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }

  private static void seconds(ObjectNode json, String name, long millis) {
    if (millis % 1000 == 0) {
      json.put(name, millis / 1000);
    } else {
      json.put(name, millis / 1000.0);
    }
  }

  public record Guard(boolean keys, Optional<Tokens.Issuer> tokens, Optional<Limits> limits) {
    /** Everybody, as much as they like: for an edge that only this machine can reach. */
    public static final Guard OPEN = new Guard(false, Optional.empty(), Optional.empty());

    public static final Guard KEYS = new Guard(true, Optional.empty(), Optional.empty());

    /** Where it lets everybody in, every stranger may call: addresses are limited there too. */
    public static Guard inProduction(Deployment deployment, Map<String, String> environment) {
      return of(deployment.authInProduction(), deployment.limits(), environment);
    }

    /** Only this machine reaches a pair's edge: where everybody is let in, there are no limits. */
    public static Guard onThisMachine(Deployment deployment, Map<String, String> environment) {
      Guard guard = of(deployment.authOnThisMachine(), deployment.limits(), environment);
      return guard.isOpen() ? OPEN : guard;
    }

    private static Guard of(Auth auth, Optional<Limits> limits, Map<String, String> environment) {
      return switch (auth) {
        case Auth.None() ->
            new Guard(
                false,
                Optional.empty(),
                Optional.of(limits.orElse(Limits.DEFAULT).ofAddresses()).filter(Guard::any));
        case Auth.Required(boolean keys, Optional<Tokens> tokens) ->
            new Guard(
                keys,
                tokens.map(one -> issuer(one, environment)),
                Optional.of(limits.orElse(Limits.DEFAULT)).filter(Guard::any));
      };
    }

    private static boolean any(Limits limits) {
      return limits.addressPerMinute() > 0
          || limits.addressConnections() > 0
          || limits.userPerSecond() > 0;
    }

    private static Tokens.Issuer issuer(Tokens tokens, Map<String, String> environment) {
      return switch (tokens) {
        case Tokens.Issuer issuer -> issuer;
        case Tokens.Supabase supabase -> supabase.issuer(environment);
      };
    }

    public Admission admission() {
      return new Admission(keys, tokens.isPresent());
    }

    public boolean isOpen() {
      return !keys && tokens.isEmpty();
    }

    /** Also where there is none of them: an edge that others reach asks to be told so. */
    public void addTo(ObjectNode config, String resource) {
      config.set("auth", auth(resource));
      config.set("limits", limits.<JsonNode>map(Guard::json).orElse(StringNode.valueOf("none")));
    }

    private JsonNode auth(String resource) {
      if (isOpen()) {
        return StringNode.valueOf("none");
      }
      ObjectNode json = Call.object().put("resource", resource).put("keys", keys);
      tokens.ifPresent(
          issuer -> {
            ObjectNode jwt =
                json.putObject("jwt")
                    .put("issuer", issuer.issuer())
                    .put("jwks", issuer.jwks())
                    .put("audience", issuer.audience().orElse(resource));
            if (!issuer.scopes().isEmpty()) {
              issuer.scopes().forEach(jwt.putArray("scopes")::add);
            }
          });
      return json;
    }

    private static ObjectNode json(Limits limits) {
      ObjectNode json =
          Call.object()
              .put("addressPerMinute", limits.addressPerMinute())
              .put("addressConnections", limits.addressConnections())
              .put("userPerSecond", limits.userPerSecond())
              .put("userBurst", limits.userBurst());
      limits.trustedProxies().forEach(json.putArray("trustedProxies")::add);
      return json;
    }
  }
}
