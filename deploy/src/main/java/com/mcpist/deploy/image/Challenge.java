package com.mcpist.deploy.image;

import java.net.URI;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a registry asks for in WWW-Authenticate.
 *
 * @param realm where a token is given out
 */
record Challenge(URI realm, Map<String, String> parameters) {
  private static final Pattern PARAMETER = Pattern.compile("([a-zA-Z_]+)=\"([^\"]*)\"");

  /** A challenge for a bearer token; empty when it is another one. */
  static Optional<Challenge> bearer(String header) {
    if (!header.toLowerCase(Locale.ROOT).startsWith("bearer ")) {
      return Optional.empty();
    }
    Map<String, String> parameters = new HashMap<>();
    Matcher matcher = PARAMETER.matcher(header);
    while (matcher.find()) {
      parameters.put(matcher.group(1).toLowerCase(Locale.ROOT), matcher.group(2));
    }
    try {
      URI realm = URI.create(parameters.getOrDefault("realm", ""));
      return realm.getHost() == null
          ? Optional.empty()
          : Optional.of(new Challenge(realm, parameters));
    } catch (IllegalArgumentException _) {
      return Optional.empty();
    }
  }

  /**
   * Whether credentials for a registry may be sent to the realm: encrypted, to the same host or one
   * of the same domain.
   */
  boolean trustedBy(URI registry) {
    boolean sameHost = realm.getHost().equals(registry.getHost());
    return Registries.isLoopback(realm)
        ? sameHost
        : "https".equals(realm.getScheme()) && (sameHost || domain(realm).equals(domain(registry)));
  }

  private static String domain(URI uri) {
    String[] labels = uri.getHost().split("\\.", -1);
    return labels.length < 2
        ? uri.getHost()
        : labels[labels.length - 2] + "." + labels[labels.length - 1];
  }
}
