package com.mcpist.edge;

import com.mcpist.edge.EdgeJson.AuthJson;
import com.mcpist.edge.EdgeJson.JwtJson;
import com.mcpist.edge.EdgeJson.LimitsJson;
import com.mcpist.edge.gate.AddressBlock;
import com.mcpist.edge.gate.HostNames;
import com.mcpist.edge.gate.LimitSettings;
import com.mcpist.edge.gate.auth.Authentication;
import com.mcpist.edge.gate.auth.JwtSettings;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Reads who may call, and how much, from EDGE_CONFIG. */
final class AuthReader {
  private static final int MOST = 1_000_000;

  private AuthReader() {}

  static Authentication authentication(@Nullable JsonNode auth) {
    if (auth == null || auth.isNull()) {
      return new Authentication.Open(false);
    }
    if (auth.isString() && auth.asString().equals("none")) {
      return new Authentication.Open(true);
    }
    if (!auth.isObject()) {
      throw ConfigException.field("auth", "must be \"none\", or an object with keys or jwt");
    }
    AuthJson given = EdgeJson.part("auth", auth, AuthJson.class);
    boolean keys = Boolean.TRUE.equals(given.keys());
    URI resource = resource(given.resource());
    JwtSettings jwt = given.jwt() == null ? null : jwt(given.jwt(), resource);
    if (!keys && jwt == null) {
      throw ConfigException.field("auth", "must have keys: true, or jwt, or be \"none\"");
    }
    return new Authentication.Required(resource, keys, jwt);
  }

  private static URI resource(@Nullable String text) {
    URI uri = url("auth.resource", text);
    if (uri.getRawPath() == null || !uri.getRawPath().equals("/mcp")) {
      throw ConfigException.field("auth.resource", "must be as https://mcp.example.com/mcp");
    }
    return uri;
  }

  private static JwtSettings jwt(JwtJson given, URI resource) {
    String issuer = given.issuer();
    if (issuer == null || !issuer.matches("[!-~]+")) {
      throw ConfigException.field("auth.jwt.issuer", "must be the iss of the tokens");
    }
    String audience = given.audience();
    return new JwtSettings(
        issuer,
        url("auth.jwt.jwks", given.jwks()),
        audience == null ? resource.toString() : audience,
        scopes(given.scopes()));
  }

  private static Set<String> scopes(@Nullable List<@Nullable String> given) {
    Set<String> scopes = new HashSet<>();
    for (String scope : given == null ? List.<@Nullable String>of() : given) {
      // RFC 6749, 3.3: what may stand between quotes in a header.
      if (scope == null || !scope.matches("[!#-\\[\\]-~]+")) {
        throw ConfigException.field("auth.jwt.scopes", "must be words of ASCII without quotes");
      }
      scopes.add(scope);
    }
    return scopes;
  }

  /** Keys that come in clear over a network could be anybody's. */
  private static URI url(String field, @Nullable String text) {
    try {
      URI uri = new URI(text == null ? "" : text);
      boolean https = "https".equals(uri.getScheme()) && uri.getHost() != null;
      boolean local =
          "http".equals(uri.getScheme())
              && uri.getHost() != null
              && HostNames.isLoopback(uri.getHost());
      if ((https || local) && uri.getRawUserInfo() == null && uri.getRawFragment() == null) {
        return uri;
      }
    } catch (URISyntaxException _) {
      // Said below.
    }
    throw ConfigException.field(field, "must begin with https://, or be on localhost");
  }

  /** Null: absent. */
  static @Nullable LimitSettings limits(@Nullable JsonNode limits) {
    if (limits == null || limits.isNull()) {
      return null;
    }
    if (limits.isString() && limits.asString().equals("none")) {
      return LimitSettings.NONE;
    }
    if (!limits.isObject()) {
      throw ConfigException.field("limits", "must be \"none\", or an object");
    }
    LimitsJson given = EdgeJson.part("limits", limits, LimitsJson.class);
    LimitSettings d = LimitSettings.DEFAULTS;
    return new LimitSettings(
        number("limits.addressPerMinute", given.addressPerMinute(), d.addressPerMinute()),
        number("limits.userPerSecond", given.userPerSecond(), d.userPerSecond()),
        number("limits.userBurst", given.userBurst(), d.userBurst()),
        proxies(given.trustedProxies()));
  }

  private static int number(String field, @Nullable Integer given, int absent) {
    int number = given == null ? absent : given;
    if (number < 0 || number > MOST) {
      throw ConfigException.field(field, "must be from 0, which is no limit, to " + MOST);
    }
    return number;
  }

  private static List<AddressBlock> proxies(@Nullable List<@Nullable String> given) {
    return (given == null ? List.<@Nullable String>of() : given)
        .stream()
            .map(
                text ->
                    AddressBlock.parse(text == null ? "" : text)
                        .orElseThrow(
                            () ->
                                ConfigException.field(
                                    "limits.trustedProxies",
                                    "must be as 10.0.0.0/8 or fd00::/8, and not every address:"
                                        + " anybody would be believed then")))
            .toList();
  }
}
