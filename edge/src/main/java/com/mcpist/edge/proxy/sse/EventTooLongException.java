package com.mcpist.edge.proxy.sse;

/** An event is longer than an edge will hold. */
public final class EventTooLongException extends Exception {
  private static final long serialVersionUID = 1L;

  EventTooLongException(int maxBytes) {
    super("an event is longer than " + maxBytes + " bytes");
  }
}
