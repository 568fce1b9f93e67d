package com.mcpist.deploy.release;

public final class DeployException extends RuntimeException {
  public DeployException(String message) {
    super(message);
  }

  public DeployException(String message, Exception cause) {
    super(message, cause);
  }
}
