package com.mcpist.edge.gate.auth;

import java.net.URI;
import org.jspecify.annotations.Nullable;

/** The authentication that the edge asks of its clients. */
public sealed interface Authentication {
  /**
   * No authentication.
   *
   * @param said true if the configuration says so; where it says nothing, only an edge that is
   *     reached from its own machine alone may be open
   */
  record Open(boolean said) implements Authentication {}

  /**
   * A key or a token.
   *
   * @param resource the server's one canonical URI, which is a token's audience
   * @param keys true if API keys are taken
   * @param jwt the settings of the tokens that are taken; null if no tokens are
   */
  record Required(URI resource, boolean keys, @Nullable JwtSettings jwt)
      implements Authentication {}
}
