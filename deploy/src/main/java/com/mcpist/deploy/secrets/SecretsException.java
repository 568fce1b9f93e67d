package com.mcpist.deploy.secrets;

import org.jspecify.annotations.Nullable;

/** Secrets could not be looked after. The message is one line for a person, without a secret. */
public final class SecretsException extends Exception {
  private static final long serialVersionUID = 1;

  public SecretsException(String message) {
    this(message, null);
  }

  public SecretsException(@Nullable String message, @Nullable Exception cause) {
    super(message, cause);
  }
}
