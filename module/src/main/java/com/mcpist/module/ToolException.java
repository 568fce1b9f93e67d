package com.mcpist.module;

/** A tool's refusal that its caller can understand and mend: becomes a tool error result. */
public final class ToolException extends Exception {
  private static final long serialVersionUID = 1L;

  public ToolException(String message) {
    super(message);
  }
}
