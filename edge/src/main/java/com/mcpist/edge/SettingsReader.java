package com.mcpist.edge;

import com.mcpist.edge.EdgeJson.ForwardingJson;
import com.mcpist.edge.EdgeJson.MonitorJson;
import com.mcpist.edge.call.ProxyConfig;
import com.mcpist.edge.gate.HostNames;
import com.mcpist.edge.monitor.MonitorSettings;
import com.mcpist.edge.pool.PoolSettings;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads the numbers and words of EDGE_CONFIG, with the defaults for what is absent.
 *
 * @param m its {@code monitor}
 * @param e its {@code edge}
 */
record SettingsReader(EdgeJson config, MonitorJson m, ForwardingJson e) {
  private static final int DEFAULT_PORT = 8080;
  private static final int MAX_PORT = 65_535;
  private static final int MAX_BODY_BYTES = 64 * 1024 * 1024;

  private static final MonitorJson EMPTY_MONITOR =
      new MonitorJson(null, null, null, null, null, null, null, null);
  private static final ForwardingJson EMPTY_FORWARDING =
      new ForwardingJson(null, null, null, null, null, null, null, null);

  static SettingsReader of(EdgeJson config) {
    return new SettingsReader(
        config,
        Objects.requireNonNullElse(config.monitor(), EMPTY_MONITOR),
        Objects.requireNonNullElse(config.edge(), EMPTY_FORWARDING));
  }

  PoolSettings pool() {
    PoolSettings d = PoolSettings.DEFAULTS;
    Duration holdDown = seconds("edge.holdDownSeconds", e.holdDownSeconds(), d.holdDown(), 0, 3600);
    Duration max =
        seconds("edge.holdDownMaxSeconds", e.holdDownMaxSeconds(), d.holdDownMax(), 0, 86_400);
    if (max.compareTo(holdDown) < 0) {
      throw ConfigException.field(
          "edge.holdDownMaxSeconds", "must not be less than edge.holdDownSeconds");
    }
    return new PoolSettings(
        integer("monitor.consecutiveDown", m.consecutiveDown(), d.consecutiveDown(), 1, 100),
        integer("monitor.consecutiveUp", m.consecutiveUp(), d.consecutiveUp(), 1, 100),
        seconds("monitor.intervalSeconds", m.intervalSeconds(), d.interval(), 0.1, 3600),
        d.probeDelay(),
        d.probeDelayMax(),
        holdDown,
        max,
        seconds(
            "edge.failureWindowSeconds", e.failureWindowSeconds(), d.failureWindow(), 0, 86_400));
  }

  MonitorSettings monitor() {
    MonitorSettings d = MonitorSettings.DEFAULTS;
    String path = Objects.requireNonNullElse(m.path(), d.path());
    if (!path.matches("/[!-~]*")) {
      throw ConfigException.field("monitor.path", "must begin with '/' and have no space in it");
    }
    return new MonitorSettings(
        path,
        seconds("monitor.timeoutSeconds", m.timeoutSeconds(), d.timeout(), 0.1, 300),
        integer("monitor.retries", m.retries(), d.retries(), 0, 10),
        integer("monitor.expectedCode", m.expectedCode(), d.expectedCode(), 200, 599),
        Objects.requireNonNullElse(m.expectedBody(), d.expectedBody()));
  }

  ProxyConfig proxy() {
    String host = Objects.requireNonNullElse(config.host(), "127.0.0.1");
    if (host.isBlank()) {
      throw ConfigException.field("host", "must be a host name or address");
    }
    int port = integer("port", config.port(), DEFAULT_PORT, 0, MAX_PORT);
    ProxyConfig d = ProxyConfig.defaults(host, port);
    return new ProxyConfig(
        host,
        port,
        seconds("edge.waitSeconds", e.waitSeconds(), Duration.ofMillis(d.waitMillis()), 0, 600)
            .toMillis(),
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
        integer("edge.maxBodyBytes", e.maxBodyBytes(), d.maxBodyBytes(), 1024, MAX_BODY_BYTES),
        d.replayBufferBytes(),
        isSafe(Objects.requireNonNullElse(e.replay(), "all")),
        d.clients(),
        names(config.allowedHosts()));
  }

  private static @Nullable HostNames names(@Nullable List<@Nullable String> given) {
    if (given == null) {
      return null;
    }
    Set<String> names = new HashSet<>();
    for (String name : given) {
      if (name == null || !name.matches("\\[[0-9A-Fa-f:.]+]|[A-Za-z0-9._-]+")) {
        throw ConfigException.field(
            "allowedHosts", "must be names or addresses without a port, as mcp.example.com");
      }
      names.add(name.toLowerCase(Locale.ROOT));
    }
    if (names.isEmpty()) {
      throw ConfigException.field("allowedHosts", "must have a name, or be absent");
    }
    return new HostNames(names);
  }

  @Nullable Integer adminPort() {
    Integer port = config.adminPort();
    if (port != null) {
      range("adminPort", port, 0, MAX_PORT);
    }
    return port;
  }

  private static boolean isSafe(String word) {
    return switch (word) {
      case "all" -> false;
      case "safe" -> true;
      default -> throw ConfigException.field("edge.replay", "must be all or safe");
    };
  }

  /** Whole milliseconds, so that half a second can be said. */
  private static Duration seconds(
      String field, @Nullable Double given, Duration absent, double min, double max) {
    if (given == null) {
      return absent;
    }
    if (given.isNaN() || given < min || given > max) {
      throw ConfigException.field(
          field, "must be from " + plain(min) + " to " + plain(max) + " seconds");
    }
    return Duration.ofMillis(Math.round(given * 1000));
  }

  private static String plain(double number) {
    return BigDecimal.valueOf(number).stripTrailingZeros().toPlainString();
  }

  private static int integer(String field, @Nullable Integer given, int absent, int min, int max) {
    int value = given == null ? absent : given;
    range(field, value, min, max);
    return value;
  }

  private static void range(String field, int value, int min, int max) {
    if (value < min || value > max) {
      throw ConfigException.field(field, "must be from " + min + " to " + max);
    }
  }
}
