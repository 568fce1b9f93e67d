package com.mcpist.deploy.release;

public final class DeployException extends Exception {
  public DeployException(String message) {
    super(message);
  }

  DeployException(String message, Exception cause) {
    super(message, cause);
  }
}
