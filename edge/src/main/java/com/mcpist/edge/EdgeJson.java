package com.mcpist.edge;

import com.fasterxml.jackson.annotation.JsonAutoDetect.Visibility;
import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;
import com.mcpist.edge.call.ProxyConfig;
import com.mcpist.edge.event.Alerts.Webhook;
import com.mcpist.edge.gate.AddressBlock;
import com.mcpist.edge.gate.HostNames;
import com.mcpist.edge.gate.LimitSettings;
import com.mcpist.edge.gate.auth.Authentication;
import com.mcpist.edge.gate.auth.JwtSettings;
import com.mcpist.edge.monitor.MonitorSettings;
import com.mcpist.edge.pool.Origin;
import com.mcpist.edge.pool.PoolSettings;
import io.vertx.core.net.SocketAddress;
import java.math.BigDecimal;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.exc.InputCoercionException;
import tools.jackson.core.exc.StreamReadException;
import tools.jackson.databind.DatabindException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.cfg.CoercionAction;
import tools.jackson.databind.cfg.CoercionInputShape;
import tools.jackson.databind.exc.UnrecognizedPropertyException;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.type.LogicalType;

/**
 * The fields of EDGE_CONFIG as it is written, with the defaults; a null counts as absent. The class
 * follows contract/edge-config.schema.json, with which a test compares it. A validator would cost
 * the edge memory and time to start.
 */
final class EdgeJson {
  private static final int MAX_PORT = 65_535;
  private static final int DAY_SECONDS = 86_400;
  private static final int MOST = 1_000_000;

  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .changeDefaultVisibility(it -> it.withFieldVisibility(Visibility.NON_PRIVATE))
          .changeDefaultNullHandling(it -> it.withValueNulls(Nulls.SKIP, Nulls.AS_EMPTY))
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
          .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
          .withCoercionConfig(
              LogicalType.Textual,
              c ->
                  c.setCoercion(CoercionInputShape.Integer, CoercionAction.Fail)
                      .setCoercion(CoercionInputShape.Float, CoercionAction.Fail)
                      .setCoercion(CoercionInputShape.Boolean, CoercionAction.Fail))
          .build();

  String host = "127.0.0.1";
  int port = 8080;
  @Nullable Integer adminPort;
  @Nullable String adminSocket;
  @Nullable List<String> allowedHosts;

  @JsonSetter(nulls = Nulls.SKIP, contentNulls = Nulls.SET)
  List<@Nullable OriginJson> origins = List.of();

  MonitorJson monitor = new MonitorJson();
  ForwardingJson edge = new ForwardingJson();
  @Nullable JsonNode auth;
  @Nullable JsonNode limits;
  @Nullable AlertsJson alerts;
  boolean publicStatus;
  boolean billing;

  static final class OriginJson {
    String name = "";
    String url = "";
    boolean plaintext;
    boolean drained;
  }

  static final class MonitorJson {
    double intervalSeconds = 30;
    double timeoutSeconds = 5;
    int retries = 2;
    int consecutiveDown = 2;
    int consecutiveUp = 3;
  }

  static final class ForwardingJson {
    double waitSeconds = 10;
    int connectTimeoutMillis = 1_000;
    int idleTimeoutMillis = 3_000;
    int maxBodyBytes = 4 * 1024 * 1024;
    double holdDownSeconds = 3;
    double holdDownMaxSeconds = 60;
    double failureWindowSeconds = 300;
  }

  static final class AuthJson {
    String resource = "";
    boolean keys;
    @Nullable JwtJson jwt;
  }

  static final class JwtJson {
    String issuer = "";
    String jwks = "";
    @Nullable String audience;
    List<String> scopes = List.of();
  }

  static final class AlertsJson {
    String service = "mcpist";
    List<WebhookJson> webhooks = List.of();
  }

  static final class WebhookJson {
    String name = "";
    String type = "";
    String secret = "";
  }

  static final class LimitsJson {
    int addressPerMinute = 1_000;
    int addressConnections = 256;
    int userPerSecond = 5;
    int userBurst = 50;
    List<String> trustedProxies = List.of();
  }

  /**
   * Reads and checks the text of EDGE_CONFIG.
   *
   * @throws ConfigException naming the field
   */
  static EdgeJson parse(String json) {
    try {
      EdgeJson parsed = MAPPER.readValue(json, EdgeJson.class);
      if (parsed == null) {
        throw new ConfigException("EDGE_CONFIG: must be a JSON object");
      }
      parsed.check();
      return parsed;
    } catch (JacksonException e) {
      throw new ConfigException("EDGE_CONFIG: " + plain(e));
    }
  }

  /** Reads {@code auth} or {@code limits}, if that is an object. */
  private static <T> T part(String field, JsonNode node, Class<T> type) {
    try {
      return MAPPER.treeToValue(node, type);
    } catch (JacksonException e) {
      throw new ConfigException("EDGE_CONFIG: " + field + "." + plain(e));
    }
  }

  // The library's own messages name classes, and quote what may be a misplaced secret.
  private static String plain(JacksonException e) {
    return switch (e) {
      case UnrecognizedPropertyException _ -> path(e) + ": unknown field";
      case InputCoercionException _ -> path(e) + ": malformed value";
      case StreamReadException _ ->
          "malformed JSON at line %d, column %d"
              .formatted(e.getLocation().getLineNr(), e.getLocation().getColumnNr());
      case DatabindException _ when e.getPath().isEmpty() -> "must be a JSON object";
      default -> path(e) + ": malformed value";
    };
  }

  private static String path(JacksonException e) {
    return e.getPath().stream()
        .map(
            step ->
                step.getPropertyName() == null
                    ? "[" + step.getIndex() + "]"
                    : "." + step.getPropertyName())
        .collect(Collectors.joining())
        .replaceFirst("^\\.", "");
  }

  private void check() {
    require(!host.isBlank(), "host", "must be a host name or address");
    range("port", port, 0, MAX_PORT);
    range("adminPort", adminPort == null ? 0 : adminPort, 0, MAX_PORT);
    require(
        adminSocket == null || isPath(adminSocket),
        "adminSocket",
        "must be the absolute path of a socket");
    require(
        adminPort == null || adminSocket == null, "adminSocket", "must be absent with adminPort");
    range("monitor.intervalSeconds", monitor.intervalSeconds, 0.1, 3600);
    range("monitor.timeoutSeconds", monitor.timeoutSeconds, 0.1, 300);
    range("monitor.retries", monitor.retries, 0, 10);
    range("monitor.consecutiveDown", monitor.consecutiveDown, 1, 100);
    range("monitor.consecutiveUp", monitor.consecutiveUp, 1, 100);
    range("edge.waitSeconds", edge.waitSeconds, 0, 600);
    range("edge.connectTimeoutMillis", edge.connectTimeoutMillis, 10, 60_000);
    range("edge.idleTimeoutMillis", edge.idleTimeoutMillis, 100, 3_600_000);
    range("edge.maxBodyBytes", edge.maxBodyBytes, 1024, ProxyConfig.MOST_BODY_BYTES);
    range("edge.holdDownSeconds", edge.holdDownSeconds, 0, 3600);
    range("edge.holdDownMaxSeconds", edge.holdDownMaxSeconds, 0, DAY_SECONDS);
    require(
        edge.holdDownMaxSeconds >= edge.holdDownSeconds,
        "edge.holdDownMaxSeconds",
        "must not be less than edge.holdDownSeconds");
    range("edge.failureWindowSeconds", edge.failureWindowSeconds, 0, DAY_SECONDS);
  }

  private static boolean isPath(String text) {
    return text.startsWith("/") && text.chars().noneMatch(Character::isISOControl);
  }

  private static void range(String field, double value, double min, double max) {
    require(
        value >= min && value <= max, field, "must be from " + plain(min) + " to " + plain(max));
  }

  private static String plain(double number) {
    return BigDecimal.valueOf(number).stripTrailingZeros().toPlainString();
  }

  private static void require(boolean right, String field, String rule) {
    if (!right) {
      throw ConfigException.field(field, rule);
    }
  }

  PoolSettings pool() {
    return new PoolSettings(
        monitor.consecutiveDown,
        monitor.consecutiveUp,
        duration(monitor.intervalSeconds),
        PoolSettings.DEFAULTS.probeDelay(),
        PoolSettings.DEFAULTS.probeDelayMax(),
        duration(edge.holdDownSeconds),
        duration(edge.holdDownMaxSeconds),
        duration(edge.failureWindowSeconds));
  }

  /** Returns the address of the admin listener; null if there is none. */
  @Nullable SocketAddress admin() {
    if (adminSocket != null) {
      return SocketAddress.domainSocketAddress(adminSocket);
    }
    return adminPort == null ? null : SocketAddress.inetSocketAddress(adminPort, "127.0.0.1");
  }

  MonitorSettings monitor() {
    return new MonitorSettings(duration(monitor.timeoutSeconds), monitor.retries);
  }

  ProxyConfig proxy() {
    ProxyConfig d = ProxyConfig.defaults(host, port);
    return new ProxyConfig(
        host,
        port,
        duration(edge.waitSeconds).toMillis(),
        edge.connectTimeoutMillis,
        edge.idleTimeoutMillis,
        d.attemptMillis(),
        edge.maxBodyBytes,
        d.replayBufferBytes(),
        d.clients(),
        hostNames());
  }

  /** Returns a duration in whole milliseconds, so that half a second can be configured. */
  private static Duration duration(double seconds) {
    return Duration.ofMillis(Math.round(seconds * 1000));
  }

  private @Nullable HostNames hostNames() {
    if (allowedHosts == null) {
      return null;
    }
    require(!allowedHosts.isEmpty(), "allowedHosts", "must have a name, or be absent");
    Set<String> names = new HashSet<>();
    for (String name : allowedHosts) {
      require(
          name.matches("\\[[0-9A-Fa-f:.]+]|[A-Za-z0-9._-]+"),
          "allowedHosts",
          "must be names or addresses without a port, as mcp.example.com");
      names.add(name.toLowerCase(Locale.ROOT));
    }
    return new HostNames(names);
  }

  /** Returns the origins, in the order of preference. */
  List<Origin> origins() {
    require(!origins.isEmpty(), "origins", "must have one origin or more");
    List<Origin> read = new ArrayList<>();
    Set<String> names = new HashSet<>();
    for (OriginJson origin : origins) {
      String field = "origins[" + read.size() + "]";
      if (origin == null) {
        throw ConfigException.field(field, "must be an object");
      }
      require(
          origin.name.matches("[A-Za-z0-9][A-Za-z0-9._-]{0,62}"),
          field + ".name",
          "must be letters, digits, '.', '_' or '-'");
      require(names.add(origin.name), field + ".name", "is another origin's name");
      read.add(new Origin(origin.name, originUrl(field + ".url", origin)));
    }
    return List.copyOf(read);
  }

  /**
   * Returns an origin's address. It must be confidential, since calls carry the gateway secret and
   * clients' keys. A Unix socket is as confidential as its folder.
   */
  private static URI originUrl(String field, OriginJson origin) {
    if (origin.url.matches("unix:/[^/?#][^?#]*")) {
      return socketAddress(field, origin.url);
    }
    URI url = webAddress(origin.url);
    if (url == null || url.getRawQuery() != null) {
      throw ConfigException.field(
          field, "must be as https://host, http://host:port/path or unix:/path/of/a/socket");
    }
    require(url.getRawUserInfo() == null, field, "must have no user and password in it");
    String scheme = url.getScheme().toLowerCase(Locale.ROOT);
    require(
        scheme.equals("https") || origin.plaintext || HostNames.isLoopback(url.getHost()),
        field,
        "must begin with https://, or be on localhost: calls carry the gateway secret; in a network"
            + " of your own the origin's \"plaintext\": true allows http");
    String port = url.getPort() < 0 ? "" : ":" + url.getPort();
    String path = url.getRawPath().equals("/") ? "" : url.getRawPath();
    return URI.create(scheme + "://" + url.getHost() + port + path);
  }

  private static URI socketAddress(String field, String url) {
    try {
      return new URI(url);
    } catch (URISyntaxException _) {
      throw ConfigException.field(field, "must have blanks and other such characters %-encoded");
    }
  }

  /** Returns the webhooks whose address the environment has. */
  List<Webhook> webhooks(Map<String, String> environment) {
    List<Webhook> found = new ArrayList<>();
    for (WebhookJson given : alerts == null ? List.<WebhookJson>of() : alerts.webhooks) {
      require(
          List.of("slack", "discord", "ntfy", "json").contains(given.type),
          "alerts.webhooks",
          "must have a type of slack, discord, ntfy or json");
      Webhook webhook =
          Webhook.of(given.name, given.type, given.secret, environment.get(given.secret));
      if (webhook != null) {
        found.add(webhook);
      }
    }
    return found;
  }

  /** Returns the names of the origins that begin drained. */
  Set<String> drained() {
    Set<String> names = new HashSet<>();
    for (OriginJson origin : origins) {
      if (origin != null && origin.drained) {
        names.add(origin.name);
      }
    }
    return names;
  }

  Authentication authentication() {
    if (auth == null) {
      return new Authentication.Open(false);
    }
    if (auth.asString("").equals("none")) {
      return new Authentication.Open(true);
    }
    require(auth.isObject(), "auth", "must be \"none\", or an object with keys or jwt");
    AuthJson given = part("auth", auth, AuthJson.class);
    URI resource = confidentialUrl("auth.resource", given.resource);
    require(
        resource.getRawPath().equals("/mcp"),
        "auth.resource",
        "must be as https://mcp.example.com/mcp");
    JwtSettings jwt = given.jwt == null ? null : jwt(given.jwt, resource);
    require(given.keys || jwt != null, "auth", "must have keys: true, or jwt, or be \"none\"");
    return new Authentication.Required(resource, given.keys, jwt);
  }

  private static JwtSettings jwt(JwtJson given, URI resource) {
    require(given.issuer.matches("[!-~]+"), "auth.jwt.issuer", "must be the iss of the tokens");
    Set<String> scopes = new HashSet<>();
    for (String scope : given.scopes) {
      // RFC 6749, 3.3 has the characters that may stand between quotes in a header.
      require(
          scope.matches("[!#-\\[\\]-~]+"),
          "auth.jwt.scopes",
          "must be words of ASCII without quotes");
      scopes.add(scope);
    }
    return new JwtSettings(
        given.issuer,
        confidentialUrl("auth.jwt.jwks", given.jwks),
        given.audience == null ? resource.toString() : given.audience,
        scopes);
  }

  /**
   * Returns an address whose content cannot be forged on its way. Keys that come in clear over a
   * network could be anybody's.
   */
  private static URI confidentialUrl(String field, String text) {
    URI url = webAddress(text);
    if (url == null
        || url.getRawUserInfo() != null
        || !(url.getScheme().equals("https") || HostNames.isLoopback(url.getHost()))) {
      throw ConfigException.field(field, "must begin with https://, or be on localhost");
    }
    return url;
  }

  /** Returns an address on the web; null if the text is none. */
  private static @Nullable URI webAddress(String text) {
    try {
      URI url = new URI(text);
      boolean web = text.matches("(?i)https?:.*") && url.getHost() != null;
      return web && url.getRawFragment() == null ? url : null;
    } catch (URISyntaxException _) {
      return null;
    }
  }

  /** Returns the limits; null if they are absent. */
  @Nullable LimitSettings limits() {
    if (limits == null) {
      return null;
    }
    if (limits.asString("").equals("none")) {
      return LimitSettings.NONE;
    }
    require(limits.isObject(), "limits", "must be \"none\", or an object");
    LimitsJson given = part("limits", limits, LimitsJson.class);
    range("limits.addressPerMinute", given.addressPerMinute, 0, MOST);
    range("limits.addressConnections", given.addressConnections, 0, MOST);
    range("limits.userPerSecond", given.userPerSecond, 0, MOST);
    range("limits.userBurst", given.userBurst, 0, MOST);
    List<AddressBlock> proxies = given.trustedProxies.stream().map(EdgeJson::addressBlock).toList();
    return new LimitSettings(
        given.addressPerMinute,
        given.addressConnections,
        given.userPerSecond,
        given.userBurst,
        proxies);
  }

  private static AddressBlock addressBlock(String text) {
    return AddressBlock.parse(text)
        .orElseThrow(
            () ->
                ConfigException.field(
                    "limits.trustedProxies",
                    "must be as 10.0.0.0/8 or fd00::/8, and not every address: anybody would be"
                        + " believed then"));
  }
}
