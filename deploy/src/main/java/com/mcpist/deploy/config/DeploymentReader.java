package com.mcpist.deploy.config;

import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.snakeyaml.engine.v2.nodes.Node;

/** From the file's nodes to the records; every mistake is collected with its place. */
final class DeploymentReader {
  static final Set<String> TOP =
      ordered(
          "service",
          "domain",
          "image",
          "origins",
          "monitor",
          "edge",
          "auth",
          "limits",
          "cloudflare",
          "secrets",
          "notifications");
  static final Set<String> MONITOR =
      ordered(
          "path",
          "interval",
          "timeout",
          "retries",
          "consecutive_down",
          "consecutive_up",
          "expected_body",
          "expected_code");
  static final Set<String> EDGE =
      ordered(
          "failover",
          "wait",
          "connect_timeout",
          "idle_timeout",
          "max_body",
          "replay",
          "hold_down",
          "hold_down_max");
  static final Set<String> CLOUDFLARE = ordered("account", "worker", "load_balancer");
  static final Set<String> NOTIFICATIONS = ordered("webhook");

  private final Mistakes mistakes = new Mistakes();
  private final String file;

  DeploymentReader(String file) {
    this.file = file;
  }

  Deployment deployment(Node root) throws ConfigException {
    YamlMap top = new YamlMap(mistakes, root, "the file", TOP);
    Map<String, Set<SecretTarget>> secrets = secrets(top);
    String service = top.read("service", Values::name).orElse("mcpist");
    Optional<String> domain = top.read("domain", Values::domain);
    Optional<Cloudflare> cloudflare =
        top.map("cloudflare", CLOUDFLARE).map(map -> cloudflare(map, service, domain));
    Deployment deployment =
        new Deployment(
            service,
            domain,
            top.read("image", Values::image),
            origins(top, service, secrets.keySet()),
            top.map("monitor", MONITOR).map(this::monitor).orElse(Monitor.DEFAULT),
            top.map("edge", EDGE).map(map -> edge(map, cloudflare)).orElse(Edge.DEFAULT),
            AuthReader.auth(top),
            AuthReader.limits(top),
            cloudflare,
            secrets,
            top.map("notifications", NOTIFICATIONS)
                .map(map -> new Notifications(map.read("webhook", Values::secretVariable)))
                .orElse(Notifications.NONE));
    mistakes.throwIfAny(file);
    return deployment;
  }

  private List<Origin> origins(YamlMap top, String service, Set<String> secrets) {
    OriginReader reader = new OriginReader(mistakes, service, secrets);
    List<Node> nodes = top.list("origins");
    if (nodes.isEmpty() && (top.isList("origins") || (top.isMapping() && !top.has("origins")))) {
      top.wrong("origins", "must name one origin at least (- name: …)");
    }
    List<Origin> origins = new ArrayList<>();
    nodes.forEach(node -> reader.origin(node).ifPresent(origins::add));
    return origins;
  }

  private Monitor monitor(YamlMap map) {
    Monitor standard = Monitor.DEFAULT;
    Duration interval = map.read("interval", Values::duration).orElse(standard.interval());
    Duration timeout = map.read("timeout", Values::duration).orElse(standard.timeout());
    if (timeout.compareTo(interval) >= 0) {
      mistakes.add(
          map.placeOf(map.has("timeout") ? "timeout" : "interval"),
          "timeout must be less than interval");
    }
    return new Monitor(
        map.read("path", Values::path).orElse(standard.path()),
        interval,
        timeout,
        map.read("retries", Values.integer(0, 10)).orElse(standard.retries()),
        map.read("consecutive_down", Values.integer(1, 100)).orElse(standard.consecutiveDown()),
        map.read("consecutive_up", Values.integer(1, 100)).orElse(standard.consecutiveUp()),
        map.read("expected_body", Values::text).orElse(standard.expectedBody()),
        map.read("expected_code", Values.integer(200, 599)).orElse(standard.expectedCode()));
  }

  private Cloudflare cloudflare(YamlMap map, String service, Optional<String> domain) {
    if (map.isMapping() && !map.has("account")) {
      mistakes.add(
          map.place(),
          "cloudflare needs account, the account's id: `npx wrangler whoami` shows it");
    }
    if (map.isMapping() && domain.isEmpty()) {
      mistakes.add(map.place(), "cloudflare needs domain, the host name that the Worker answers");
    }
    Optional<String> loadBalancer = map.read("load_balancer", Values::domain);
    if (loadBalancer.isPresent() && loadBalancer.equals(domain)) {
      map.wrong("load_balancer", "must be another name than domain, which is the Worker's");
    }
    return new Cloudflare(
        map.read("account", Values::account).orElse(""),
        map.read("worker", Values::name).orElse(service),
        loadBalancer);
  }

  private Edge edge(YamlMap map, Optional<Cloudflare> cloudflare) {
    Edge standard = Edge.DEFAULT;
    Edge.Failover failover =
        map.read("failover", Values.oneOf(Edge.Failover.class)).orElse(standard.failover());
    if (failover == Edge.Failover.LOAD_BALANCER
        && cloudflare.flatMap(Cloudflare::loadBalancer).isEmpty()) {
      map.wrong("failover", "load_balancer needs load_balancer under cloudflare, its host name");
    }
    Duration holdDown = map.read("hold_down", Values::duration).orElse(standard.holdDown());
    Duration longest = map.read("hold_down_max", Values::duration).orElse(standard.holdDownMax());
    if (longest.compareTo(holdDown) < 0) {
      mistakes.add(
          map.placeOf(map.has("hold_down_max") ? "hold_down_max" : "hold_down"),
          "hold_down_max must not be less than hold_down");
    }
    return new Edge(
        failover,
        map.read("wait", Values::duration).orElse(standard.waitLimit()),
        map.read("connect_timeout", Values::duration).orElse(standard.connectTimeout()),
        map.read("idle_timeout", Values::duration).orElse(standard.idleTimeout()),
        map.read("max_body", Values::size).orElse(standard.maxBodyBytes()),
        map.read("replay", Values.oneOf(Edge.Replay.class)).orElse(standard.replay()),
        holdDown,
        longest);
  }

  private Map<String, Set<SecretTarget>> secrets(YamlMap top) {
    Map<String, Set<SecretTarget>> secrets = new TreeMap<>();
    Optional<YamlMap> map = top.map("secrets", null);
    map.ifPresent(names -> names.keys().forEach(name -> secrets.put(name, secret(names, name))));
    return secrets;
  }

  /** What stands there may be the secret's value, by mistake: no message repeats it. */
  private Set<SecretTarget> secret(YamlMap map, String name) {
    String targets = String.join(", ", Values.names(SecretTarget.class));
    if (!Values.isVariable(name)) {
      mistakes.add(
          map.placeOf(name),
          "a secret's name is that of its environment variable: use A-Z, 0-9 and _");
    }
    if (!map.isList(name)) {
      map.wrong(name, "must be the list of where it goes, of [" + targets + "]; never its value");
      return Set.of();
    }
    List<SecretTarget> goesTo = map.values(name, DeploymentReader::secretTarget);
    if (map.list(name).isEmpty()) {
      map.wrong(name, "must go somewhere: [" + targets + "]");
    }
    return goesTo.isEmpty() ? Set.of() : EnumSet.copyOf(goesTo);
  }

  private static SecretTarget secretTarget(String text) throws WrongValueException {
    try {
      return Values.oneOf(SecretTarget.class).read(text);
    } catch (WrongValueException _) {
      Set<String> names = Values.names(SecretTarget.class);
      throw new WrongValueException(
          "goes to " + String.join(", ", names) + " only." + Spelling.hint(text, names));
    }
  }

  static Set<String> ordered(String... names) {
    return new LinkedHashSet<>(List.of(names));
  }
}
