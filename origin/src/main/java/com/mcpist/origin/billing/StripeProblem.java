package com.mcpist.origin.billing;

import org.jspecify.annotations.Nullable;

/**
 * Why Stripe did not do something; {@code passing}: it may if asked again. The message has nothing
 * of a person's, nor a secret: Stripe's code, its status, and its own id of the request.
 */
final class StripeProblem extends Exception {
  private static final long serialVersionUID = 1L;

  private final boolean passing;
  private final @Nullable String code;

  StripeProblem(String message, @Nullable String code, boolean passing) {
    super(message, null, false, false);
    this.code = code;
    this.passing = passing;
  }

  boolean passing() {
    return passing;
  }

  /** Whether what was asked for is not there. */
  boolean missing() {
    return "resource_missing".equals(code);
  }
}
