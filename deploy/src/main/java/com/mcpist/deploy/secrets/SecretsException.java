package com.mcpist.deploy.secrets;

import org.jspecify.annotations.Nullable;

public final class SecretsException extends Exception {
  private static final long serialVersionUID = 1;

  public SecretsException(String message) {
    this(message, null);
  }

  public SecretsException(@Nullable String message, @Nullable Exception cause) {
    super(message, cause);
  }
}
