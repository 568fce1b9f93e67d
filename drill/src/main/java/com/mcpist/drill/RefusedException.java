package com.mcpist.drill;

/** What a drill was asked to break is nothing that it may. The message is one plain line. */
public final class RefusedException extends Exception {
  private static final long serialVersionUID = 1L;

  RefusedException(String message) {
    super(message);
  }
}
