package com.mcpist.edge.gate;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Set;

/** Fuzz target: a Host and an Origin header, a line each. */
public final class HostNamesFuzz {
  private static final HostNames LOCAL = new HostNames(Set.of("localhost", "127.0.0.1", "[::1]"));

  private static final HostNames NONE = new HostNames(Set.of());

  private HostNamesFuzz() {}

  /**
   * Checks that only a request by the edge's own name is meant for it, and that only its own pages
   * may ask it.
   */
  public static void fuzzerTestOneInput(byte[] input) {
    String[] lines = new String(input, StandardCharsets.ISO_8859_1).split("\n", 2);
    String host = lines[0];
    String origin = lines.length > 1 ? lines[1] : "";
    if (LOCAL.names(host)) {
      assertThat(host.toLowerCase(Locale.ROOT))
          .matches("(localhost|127\\.0\\.0\\.1|\\[::1])(:[0-9]{0,5})?");
    }
    if (LOCAL.mayAsk(origin)) {
      assertThat(origin.toLowerCase(Locale.ROOT))
          .matches("[a-z][a-z0-9+.-]*://(localhost|127\\.0\\.0\\.1|\\[::1])(:[0-9]*)?");
    }
    assertThat(NONE.names(host)).isFalse();
    assertThat(NONE.mayAsk(origin)).isFalse();
  }
}
