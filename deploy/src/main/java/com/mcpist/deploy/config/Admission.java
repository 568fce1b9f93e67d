package com.mcpist.deploy.config;

/**
 * What an edge lets clients in for; neither: it asks nobody.
 *
 * @param keys whether for an API key
 * @param tokens whether for a token
 */
public record Admission(boolean keys, boolean tokens) {
  /** Everybody is let in. */
  public static final Admission OPEN = new Admission(false, false);

  /** What that means for clients. */
  public static Admission of(Auth auth) {
    return switch (auth) {
      case Auth.None() -> OPEN;
      case Auth.Required required -> new Admission(required.keys(), required.tokens().isPresent());
    };
  }

  /** Whether nobody is asked. */
  public boolean open() {
    return !keys && !tokens;
  }
}
