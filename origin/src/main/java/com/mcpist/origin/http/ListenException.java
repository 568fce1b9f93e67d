package com.mcpist.origin.http;

import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/** The address cannot be bound: it is taken, not this machine's, or not allowed. */
public final class ListenException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  ListenException(String host, int port, CompletionException failure) {
    super("Cannot listen on " + host + ":" + port + ": " + reason(failure), failure);
  }

  private static @Nullable String reason(CompletionException failure) {
    Throwable cause = failure.getCause();
    return cause == null ? failure.getMessage() : cause.getMessage();
  }
}
