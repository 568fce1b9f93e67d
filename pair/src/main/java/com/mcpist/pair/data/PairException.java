package com.mcpist.pair.data;

/** Something a person can mend. The message is one plain line that says what, and how. */
public final class PairException extends Exception {
  private static final long serialVersionUID = 1;

  public PairException(String message) {
    super(message);
  }

  public PairException(String message, Throwable cause) {
    super(message, cause);
  }
}
