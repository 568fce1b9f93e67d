package com.mcpist.deploy.release;

import java.util.function.Supplier;

public final class DeployException extends RuntimeException {
  public DeployException(String message) {
    super(message);
  }

  public static Supplier<DeployException> because(String message) {
    return () -> new DeployException(message);
  }

  public DeployException(String message, Exception cause) {
    super(message, cause);
  }
}
