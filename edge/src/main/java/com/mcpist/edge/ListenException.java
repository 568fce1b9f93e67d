package com.mcpist.edge;

import java.net.BindException;

/** An address cannot be listened on; the message is for the operator. */
final class ListenException extends RuntimeException {
  private ListenException(String message) {
    super(message);
  }

  static ListenException of(String host, int port, Throwable cause) {
    String why =
        cause instanceof BindException
            ? "the address is in use or not this machine's"
            : "the address cannot be used";
    return new ListenException("cannot listen on %s:%d: %s".formatted(host, port, why));
  }
}
