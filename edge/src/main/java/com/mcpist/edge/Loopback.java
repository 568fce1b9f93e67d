package com.mcpist.edge;

import java.util.Locale;
import java.util.Set;

/** This machine by names that are the same however names are resolved. */
final class Loopback {
  private static final Set<String> NAMES = Set.of("localhost", "127.0.0.1", "[::1]");

  private Loopback() {}

  static boolean isNamed(String host) {
    return NAMES.contains(host.toLowerCase(Locale.ROOT));
  }
}
