package com.mcpist.edge;

import com.mcpist.edge.EdgeJson.ForwardingJson;
import com.mcpist.edge.EdgeJson.MonitorJson;
import com.mcpist.edge.EdgeJson.OriginJson;
import com.mcpist.edge.monitor.MonitorSettings;
import com.mcpist.edge.pool.PoolSettings;
import com.mcpist.edge.proxy.Origin;
import com.mcpist.edge.proxy.ProxyConfig;
import com.mcpist.edge.proxy.Replay;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * All that an edge is told when it starts.
 *
 * @param adminPort null: no admin listener
 * @param gatewaySecret what is sent to the origins as X-Gateway-Secret
 * @param adminToken of the admin listener; null only without one
 * @param supervised whether the edge stops when its standard input ends
 */
public record EdgeConfig(
    List<Origin> origins,
    PoolSettings pool,
    MonitorSettings monitor,
    ProxyConfig proxy,
    @Nullable Integer adminPort,
    String gatewaySecret,
    @Nullable String adminToken,
    boolean supervised) {

  private static final int DEFAULT_PORT = 8080;

  /**
   * Reads the environment.
   *
   * @throws ConfigException naming what is malformed or missing
   */
  public static EdgeConfig fromEnvironment(Map<String, String> environment) {
    String json = environment.get("EDGE_CONFIG");
    if (json == null || json.isBlank()) {
      throw new ConfigException("EDGE_CONFIG is not set: it must be JSON with the origins");
    }
    EdgeJson config = EdgeJson.parse(json);
    List<Origin> origins = origins(config.origins());
    PoolSettings pool = pool(config.monitor(), config.edge());
    MonitorSettings monitor = monitor(config.monitor());
    ProxyConfig proxy = proxy(config);
    Integer adminPort = config.adminPort();
    String adminToken = environment.get("EDGE_ADMIN_TOKEN");
    if (adminPort != null) {
      range("adminPort", adminPort, 0, 65_535);
      if (adminToken == null || adminToken.isBlank()) {
        throw new ConfigException("EDGE_ADMIN_TOKEN is not set, and EDGE_CONFIG has adminPort");
      }
    }
    return new EdgeConfig(
        origins,
        pool,
        monitor,
        proxy,
        adminPort,
        gatewaySecret(environment.get("GATEWAY_SECRET")),
        adminToken,
        supervised(environment.getOrDefault("MCPIST_SUPERVISED", "false")));
  }

  private static List<Origin> origins(@Nullable List<@Nullable OriginJson> entries) {
    if (entries == null || entries.isEmpty()) {
      throw malformed("origins", "must have one origin or more");
    }
    List<Origin> origins = new ArrayList<>();
    Set<String> names = new HashSet<>();
    for (int i = 0; i < entries.size(); i++) {
      String field = "origins[" + i + "]";
      OriginJson entry = entries.get(i);
      if (entry == null) {
        throw malformed(field, "must be an object");
      }
      String name = entry.name();
      if (name == null || !name.matches("[A-Za-z0-9][A-Za-z0-9._-]{0,62}")) {
        throw malformed(field + ".name", "must be letters, digits, '.', '_' or '-'");
      }
      if (!names.add(name)) {
        throw malformed(field + ".name", "is another origin's name");
      }
      origins.add(new Origin(name, url(field + ".url", entry.url())));
    }
    return List.copyOf(origins);
  }

  private static URI url(String field, @Nullable String text) {
    String expected = "must be as http://host:port or https://host";
    try {
      URI url = new URI(text == null ? "" : text);
      String scheme = url.getScheme() == null ? "" : url.getScheme().toLowerCase(Locale.ROOT);
      boolean bare = url.getRawPath() == null || url.getRawPath().matches("/?");
      boolean whole = Set.of("http", "https").contains(scheme) && url.getHost() != null && bare;
      if (!whole || url.getRawQuery() != null || url.getRawFragment() != null) {
        throw malformed(field, expected);
      }
      if (url.getRawUserInfo() != null) {
        throw malformed(field, "must have no user and password in it");
      }
      return new URI(scheme, null, url.getHost(), url.getPort(), null, null, null);
    } catch (URISyntaxException _) {
      throw malformed(field, expected);
    }
  }

  private static PoolSettings pool(
      @Nullable MonitorJson monitorJson, @Nullable ForwardingJson edgeJson) {
    PoolSettings d = PoolSettings.DEFAULTS;
    MonitorJson m = monitorJson == null ? EMPTY_MONITOR : monitorJson;
    ForwardingJson e = edgeJson == null ? EMPTY_FORWARDING : edgeJson;
    Duration holdDown = seconds("edge.holdDownSeconds", e.holdDownSeconds(), d.holdDown(), 0, 3600);
    Duration max =
        seconds("edge.holdDownMaxSeconds", e.holdDownMaxSeconds(), d.holdDownMax(), 0, 86_400);
    if (max.compareTo(holdDown) < 0) {
      throw malformed("edge.holdDownMaxSeconds", "must not be less than edge.holdDownSeconds");
    }
    return new PoolSettings(
        integer("monitor.consecutiveDown", m.consecutiveDown(), d.consecutiveDown(), 1, 100),
        integer("monitor.consecutiveUp", m.consecutiveUp(), d.consecutiveUp(), 1, 100),
        seconds("monitor.intervalSeconds", m.intervalSeconds(), d.interval(), 1, 3600),
        d.probeDelay(),
        d.probeDelayMax(),
        holdDown,
        max,
        seconds(
            "edge.failureWindowSeconds", e.failureWindowSeconds(), d.failureWindow(), 0, 86_400));
  }

  private static MonitorSettings monitor(@Nullable MonitorJson json) {
    MonitorSettings d = MonitorSettings.DEFAULTS;
    MonitorJson m = json == null ? EMPTY_MONITOR : json;
    String path = Objects.requireNonNullElse(m.path(), d.path());
    if (!path.matches("/[!-~]*")) {
      throw malformed("monitor.path", "must begin with '/' and have no space in it");
    }
    return new MonitorSettings(
        path,
        seconds("monitor.timeoutSeconds", m.timeoutSeconds(), d.timeout(), 1, 300),
        integer("monitor.retries", m.retries(), d.retries(), 0, 10),
        integer("monitor.expectedCode", m.expectedCode(), d.expectedCode(), 200, 599),
        Objects.requireNonNullElse(m.expectedBody(), d.expectedBody()));
  }

  private static ProxyConfig proxy(EdgeJson config) {
    String host = Objects.requireNonNullElse(config.host(), "127.0.0.1");
    if (host.isBlank()) {
      throw malformed("host", "must be a host name or address");
    }
    int port = integer("port", config.port(), DEFAULT_PORT, 0, 65_535);
    ProxyConfig d = ProxyConfig.defaults(host, port);
    ForwardingJson e = config.edge() == null ? EMPTY_FORWARDING : config.edge();
    Duration wait =
        seconds("edge.waitSeconds", e.waitSeconds(), Duration.ofMillis(d.waitMillis()), 0, 600);
    return new ProxyConfig(
        host,
        port,
        wait.toMillis(),
        integer(
            "edge.connectTimeoutMillis",
            e.connectTimeoutMillis(),
            (int) d.connectTimeoutMillis(),
            10,
            60_000),
        integer(
            "edge.idleTimeoutMillis",
            e.idleTimeoutMillis(),
            (int) d.idleTimeoutMillis(),
            100,
            3_600_000),
        d.attemptMillis(),
        integer("edge.maxBodyBytes", e.maxBodyBytes(), d.maxBodyBytes(), 1024, 64 * 1024 * 1024),
        d.replayBufferBytes(),
        replay(Objects.requireNonNullElse(e.replay(), "all")),
        d.clients());
  }

  private static Replay replay(String word) {
    return switch (word) {
      case "all" -> Replay.ALL;
      case "safe" -> Replay.SAFE;
      default -> throw malformed("edge.replay", "must be all or safe");
    };
  }

  private static String gatewaySecret(@Nullable String value) {
    String first = value == null ? "" : value.split(",", 2)[0].strip();
    if (first.isEmpty()) {
      throw new ConfigException("GATEWAY_SECRET is not set: it is sent to the origins");
    }
    if (!first.matches("[!-~]+")) {
      throw new ConfigException("GATEWAY_SECRET must be printable ASCII without spaces");
    }
    return first;
  }

  private static boolean supervised(String value) {
    return switch (value) {
      case "true" -> true;
      case "false", "" -> false;
      default -> throw new ConfigException("MCPIST_SUPERVISED must be true or false");
    };
  }

  private static Duration seconds(
      String field, @Nullable Integer given, Duration absent, int min, int max) {
    return Duration.ofSeconds(integer(field, given, (int) absent.toSeconds(), min, max));
  }

  private static int integer(String field, @Nullable Integer given, int absent, int min, int max) {
    int value = given == null ? absent : given;
    range(field, value, min, max);
    return value;
  }

  private static void range(String field, int value, int min, int max) {
    if (value < min || value > max) {
      throw malformed(field, "must be from " + min + " to " + max);
    }
  }

  private static ConfigException malformed(String field, String rule) {
    return new ConfigException("EDGE_CONFIG: " + field + " " + rule);
  }

  private static final MonitorJson EMPTY_MONITOR =
      new MonitorJson(null, null, null, null, null, null, null, null);
  private static final ForwardingJson EMPTY_FORWARDING =
      new ForwardingJson(null, null, null, null, null, null, null, null);

  /** Without the secrets. */
  @Override
  public String toString() {
    return "EdgeConfig[origins=%s, pool=%s, monitor=%s, proxy=%s, adminPort=%s]"
        .formatted(origins, pool, monitor, proxy, adminPort);
  }
}
