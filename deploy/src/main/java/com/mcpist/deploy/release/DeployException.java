package com.mcpist.deploy.release;

/** A deployment does not happen. The message is one line for a person, without a secret. */
public final class DeployException extends Exception {
  public DeployException(String message) {
    super(message);
  }

  DeployException(String message, Exception cause) {
    super(message, cause);
  }
}
