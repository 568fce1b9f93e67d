package com.mcpist.origin.http;

import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The names of this machine to itself. A page of another site in a browser must not reach a server
 * on its reader's machine, though the page's own name may be made to resolve to it (DNS rebinding).
 */
final class LocalNames {
  private static final Set<String> LOOPBACK = Set.of("localhost", "127.0.0.1", "[::1]");

  private static final Pattern SITE = Pattern.compile("[A-Za-z][A-Za-z0-9+.-]*://([^/?#@]*)");

  private LocalNames() {}

  /** Whether what listens on this address is reached from this machine only. */
  static boolean isLoopback(String address) {
    return address.equalsIgnoreCase("localhost")
        || address.matches("127(\\.[0-9]{1,3}){3}")
        || Set.of("::1", "[::1]").contains(address);
  }

  /** Whether the Host header, with or without a port, is one of the names. */
  static boolean isHost(@Nullable String host) {
    return host != null
        && LOOPBACK.contains(host.replaceFirst(":[0-9]{0,5}$", "").toLowerCase(Locale.ROOT));
  }

  /** Whether all pages that the Origin headers name are from here; so are requests without one. */
  static boolean areOrigins(List<String> origins) {
    return origins.stream().allMatch(LocalNames::isOrigin);
  }

  private static boolean isOrigin(String origin) {
    Matcher site = SITE.matcher(origin);
    return site.matches() && isHost(site.group(1));
  }
}
