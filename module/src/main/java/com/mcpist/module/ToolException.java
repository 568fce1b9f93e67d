package com.mcpist.module;

/** A tool's refusal that its caller can understand and mend: becomes a tool error result. */
public final class ToolException extends Exception {
  private static final long serialVersionUID = 1L;

  private final boolean again;

  public ToolException(String message) {
    this(message, false);
  }

  private ToolException(String message, boolean again) {
    super(message);
    this.again = again;
  }

  /**
   * Of a tool that acts outside, and did nothing, or what may be done again: the call is not
   * recorded, and a further sending of it runs.
   */
  public static ToolException again(String message) {
    return new ToolException(message, true);
  }

  public boolean mayRunAgain() {
    return again;
  }
}
