package com.mcpist.deploy.config;

import module java.base;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.mcpist.deploy.config.Deployment.Cloudflare;
import com.mcpist.deploy.http.Call;
import com.mcpist.deploy.image.ImageReference;
import tools.jackson.databind.annotation.JsonDeserialize;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.util.StdConverter;

/** The image's tag is what is usually deployed; the origins are in order of preference. */
public record Deployment(
    String service,
    Optional<String> domain,
    Optional<ImageReference> image,
    List<Origin> origins,
    Monitor monitor,
    Edge edge,
    Optional<Auth> auth,
    Optional<Limits> limits,
    Optional<Cloudflare> cloudflare,
    Map<String, Set<SecretTarget>> secrets,
    Notifications notifications,
    Optional<List<Alert>> alerts,
    Optional<Stripe> billing,
    Mounts mounts) {
  public Deployment with(Mounts others) {
    return new Deployment(
        service,
        domain,
        image,
        origins,
        monitor,
        edge,
        auth,
        limits,
        cloudflare,
        secrets,
        notifications,
        alerts,
        billing,
        others);
  }

  /** An origin's variables that are no secrets. */
  public Map<String, String> envOf(Origin origin) {
    Map<String, String> env = new TreeMap<>(origin.env());
    env.putAll(mounts.env());
    alerts.ifPresent(_ -> env.put(Alert.VARIABLE, alertsJson().toString()));
    billing.ifPresent(sold -> env.put(Stripe.VARIABLE, sold.json(domain).toString()));
    return env;
  }

  public List<String> originNames() {
    return origins.stream().map(Origin::name).toList();
  }

  /** Whom the edge lets in that anybody can reach: nobody without a key, where nothing is said. */
  public Auth authInProduction() {
    return auth.orElse(Auth.KEYS);
  }

  /** Whom the edge of a pair lets in that only this machine can reach. */
  public Auth authOnThisMachine() {
    return auth.orElse(new Auth.None());
  }

  public Set<String> secretsFor(SecretTarget target) {
    return secrets.entrySet().stream()
        .filter(secret -> secret.getValue().contains(target))
        .map(Map.Entry::getKey)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /** Who is told of alerts, as origins and edges take it: the addresses are secrets. */
  public ObjectNode alertsJson() {
    ObjectNode json = Call.object().put("service", service);
    ArrayNode webhooks = json.putArray("webhooks");
    for (Alert alert : alerts.orElse(List.of())) {
      webhooks
          .addObject()
          .put("name", alert.name())
          .put("type", alert.type())
          .put("secret", alert.secret());
    }
    return json;
  }

  /** The addresses of {@link #alerts} that an environment has. */
  public Map<String, String> alertSecrets(Map<String, String> environment) {
    Map<String, String> found = new TreeMap<>(environment);
    found.keySet().retainAll(alerts.orElse(List.of()).stream().map(Alert::secret).toList());
    return found;
  }

  /** A webhook; the secret is the variable with its address. */
  public record Alert(String name, String type, String secret) {
    /** The name of the environment variable by which an origin gets all of them. */
    static final String VARIABLE = "ALERTS";
  }

  /**
   * Plans that are paid by Stripe, in order, each with its price; {@code metered}: those whose
   * calls are paid too.
   */
  public record Stripe(
      Map<String, String> plans,
      String free,
      int graceDays,
      Map<String, String> metered,
      Optional<String> meter,
      boolean tax,
      boolean tools,
      Optional<String> returnUrl) {
    /** The name of the environment variable by which an origin gets the settings. */
    public static final String VARIABLE = "BILLING";

    public static final String KEY = "STRIPE_SECRET_KEY";
    public static final String WEBHOOK_SECRET = "STRIPE_WEBHOOK_SECRET";

    /** Returns the settings in the form in which origins take them. */
    public ObjectNode json(Optional<String> domain) {
      ObjectNode json = Call.object();
      ObjectNode prices = json.putObject("plans");
      plans.forEach(prices::put);
      ObjectNode calls = json.putObject("metered");
      metered.forEach(calls::put);
      meter.ifPresent(name -> json.put("meter", name));
      return json.put("free", free)
          .put("graceDays", graceDays)
          .put("tax", tax)
          .put("tools", tools)
          .put(
              "returnUrl",
              returnUrl.or(() -> domain.map(host -> "https://" + host + "/")).orElseThrow());
    }
  }

  public record Notifications(Optional<String> webhook) {}

  /**
   * Retries come before a question counts as failed; other counts are of questions in a row. An
   * edge knows itself where it asks, and for what: that is for Cloudflare's load balancer.
   */
  public record Monitor(
      String path,
      Duration interval,
      Duration timeout,
      int retries,
      int consecutiveDown,
      int consecutiveUp,
      String expectedBody,
      int expectedCode) {}

  public record Cloudflare(String account, String worker, Optional<String> loadBalancer) {}

  /**
   * 0 switches a limit off; the connections and the blocks of trusted proxies (10.0.0.0/8) are for
   * the Java edge.
   */
  public record Limits(
      int addressPerMinute,
      int addressConnections,
      int userPerSecond,
      int userBurst,
      List<String> trustedProxies) {
    public static final Limits DEFAULT = new Limits(1000, 256, 5, 50, List.of());

    public static final Limits NONE = new Limits(0, 0, 0, 0, List.of());

    /** The same where everybody is one user: what that one may do alone would be shared by all. */
    public Limits ofAddresses() {
      return new Limits(addressPerMinute, addressConnections, 0, userBurst, trustedProxies);
    }
  }

  /** The image is the repository that its platform pulls from, where it has one of its own. */
  public record Origin(
      String name,
      Hosting hosting,
      Optional<ImageReference> image,
      Optional<String> url,
      Map<String, String> env) {}

  /** A call waits for an origin when none answers; {@code holdDown} doubles with each failure. */
  public record Edge(
      Failover failover,
      @JsonProperty("wait") Duration waitLimit,
      Duration connectTimeout,
      Duration idleTimeout,
      @JsonProperty("max_body") @JsonDeserialize(converter = Size.class) long maxBodyBytes,
      Duration holdDown,
      Duration holdDownMax,
      boolean publicStatus) {

    public enum Failover {
      WORKER,
      /** Cloudflare's load balancer, behind the Worker. */
      LOAD_BALANCER
    }

    /** Sizes as people write them: bytes, KiB or MiB. Both edges take 1 KiB to 16 MiB. */
    static final class Size extends StdConverter<String, Long> {
      static long parse(String text) {
        long factor = text.endsWith("MiB") ? 1024 * 1024 : text.endsWith("KiB") ? 1024 : 1;
        long bytes = Long.parseLong(text.replaceFirst("[A-Za-z]+$", "")) * factor;
        if (bytes < 1 << 10 || bytes > 16 << 20) {
          throw new IllegalArgumentException();
        }
        return bytes;
      }

      @Override
      public Long convert(String text) {
        return parse(text);
      }
    }
  }

  public enum SecretTarget {
    WORKER,
    ORIGINS,
    /** The workflows, and nowhere else. */
    CI
  }
}
