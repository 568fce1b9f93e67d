package com.mcpist.origin.module;

/**
 * The attempt failed for a reason that lies in this origin or on its way to the database, not in
 * the call: another attempt, at another origin, may succeed. The edge makes it. Any other exception
 * is a mistake in the tool, which would be made again elsewhere, so the client is told.
 */
public final class AttemptFailedException extends Exception {
  private static final long serialVersionUID = 1L;

  /** With what is the matter, for the log. */
  public AttemptFailedException(String message) {
    super(message);
  }

  /** With what happened, for the log. */
  public AttemptFailedException(String message, Throwable cause) {
    super(message, cause);
  }
}
