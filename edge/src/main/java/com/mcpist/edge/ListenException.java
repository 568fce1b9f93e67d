package com.mcpist.edge;

/** An address cannot be listened on; the message is one line for the operator. */
public final class ListenException extends RuntimeException {
  ListenException(String message) {
    super(message, null, false, false);
  }
}
