package com.mcpist.edge;

import com.mcpist.edge.call.ProxyConfig;
import com.mcpist.edge.event.Alerts.Webhook;
import com.mcpist.edge.gate.LimitSettings;
import com.mcpist.edge.gate.auth.Authentication;
import com.mcpist.edge.monitor.MonitorSettings;
import com.mcpist.edge.pool.Origin;
import com.mcpist.edge.pool.PoolSettings;
import com.mcpist.telemetry.TraceSettings;
import io.vertx.core.net.SocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * All settings that an edge is given when it starts.
 *
 * @param drained the names of the origins that are drained from the beginning
 * @param authentication the authentication that clients are asked for
 * @param limits the limits on how much clients may call; null for the limits that follow from who
 *     can reach the edge
 * @param service the name that alerts give the deployment
 * @param alerts the webhooks that are told that no origin answers
 * @param publicStatus true if everybody may see the public part of the status page
 * @param billing true if events of Stripe are passed on
 * @param admin the address of the admin listener, a port of loopback or a Unix socket; null for no
 *     admin listener
 * @param gatewaySecret the value that is sent to the origins as X-Gateway-Secret
 * @param adminToken the token of the admin listener, which needs one, and of the status page
 * @param journal the folder for what outlives the process; null if nothing does
 * @param traces the settings of where OpenTelemetry's traces go
 */
public record EdgeConfig(
    List<Origin> origins,
    Set<String> drained,
    PoolSettings pool,
    MonitorSettings monitor,
    ProxyConfig proxy,
    Authentication authentication,
    @Nullable LimitSettings limits,
    String service,
    List<Webhook> alerts,
    boolean publicStatus,
    boolean billing,
    @Nullable SocketAddress admin,
    String gatewaySecret,
    @Nullable String adminToken,
    @Nullable Path journal,
    TraceSettings traces) {
  private static final int SHORTEST_TOKEN = 32;

  public EdgeConfig {
    drained = Set.copyOf(drained);
    alerts = List.copyOf(alerts);
  }

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
    if (!Set.of("", "json").contains(environment.getOrDefault("LOG_FORMAT", ""))) {
      // The file logback.xml reads the variable.
      throw new ConfigException("LOG_FORMAT must be json, or not set");
    }
    EdgeJson config = EdgeJson.parse(json);
    return new EdgeConfig(
        config.origins(),
        config.drained(),
        config.pool(),
        config.monitor(),
        config.proxy(),
        config.authentication(),
        config.limits(),
        config.alerts == null ? "" : config.alerts.service,
        config.webhooks(environment),
        config.publicStatus,
        config.billing,
        config.admin(),
        gatewaySecret(environment.get("GATEWAY_SECRET")),
        adminToken(environment.get("EDGE_ADMIN_TOKEN"), config.admin() != null),
        journal(environment.get("EDGE_JOURNAL")),
        traces(environment));
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

  private static @Nullable String adminToken(@Nullable String token, boolean needed) {
    if (token == null || token.isBlank()) {
      if (needed) {
        throw new ConfigException(
            "EDGE_ADMIN_TOKEN is not set, and EDGE_CONFIG has an admin listener");
      }
      return null;
    }
    if (token.length() < SHORTEST_TOKEN) {
      throw new ConfigException(
          "EDGE_ADMIN_TOKEN must have at least " + SHORTEST_TOKEN + " characters");
    }
    return token;
  }

  private static @Nullable Path journal(@Nullable String folder) {
    if (folder == null || folder.isBlank()) {
      return null;
    }
    if (!Files.isDirectory(Path.of(folder))) {
      throw new ConfigException("EDGE_JOURNAL must be a folder that exists");
    }
    return Path.of(folder);
  }

  private static TraceSettings traces(Map<String, String> environment) {
    try {
      return TraceSettings.of(environment);
    } catch (IllegalArgumentException e) {
      throw new ConfigException(String.valueOf(e.getMessage()));
    }
  }

  /** Returns the settings without the secrets. */
  @Override
  public String toString() {
    return ("EdgeConfig[origins=%s, drained=%s, pool=%s, monitor=%s, proxy=%s, authentication=%s,"
            + " limits=%s, publicStatus=%s, billing=%s, adminPort=%s]")
        .formatted(
            origins,
            drained,
            pool,
            monitor,
            proxy,
            authentication,
            limits,
            publicStatus,
            billing,
            admin);
  }
}
