package com.mcpist.deploy.edgeclient;

/** The edge does not do it. The message is one line for a person, without a secret. */
public final class EdgeException extends Exception {
  private final boolean refused;

  /**
   * @param message one line for a person
   * @param refused whether it answers, and will not
   */
  public EdgeException(String message, boolean refused) {
    super(message);
    this.refused = refused;
  }

  /** Whether it answers, and will not: no healthy origin would be left. */
  public boolean refused() {
    return refused;
  }
}
