package com.mcpist.origin.trace;

import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Who is told of attempts. */
public interface Traces extends AutoCloseable {
  /** Nobody, and no attempt does anything for it. */
  Traces OFF = new Traces() {};

  /**
   * Begins this origin's part of a request, as the {@linkplain Span#current() current} one.
   *
   * @param target the name of its tool or prompt; empty: it has none
   * @param parent W3C's headers by name, of who has asked; null: it has none
   */
  default Span serve(
      String method, String target, String callId, Function<String, @Nullable String> parent) {
    return Span.NONE;
  }

  /** Sends what has not been sent, for 2 s at most. */
  @Override
  default void close() {}
}
