package com.mcpist.edge.trace;

import com.mcpist.edge.pool.Origin;
import io.vertx.core.MultiMap;
import org.jspecify.annotations.Nullable;

/** A part of a call's way, from when it is made until it ends. Used on one event loop only. */
public interface Span {
  /** The span that is reported to nobody. */
  Span NONE = new Span() {};

  /** Begins an attempt at the call. The number is the one that the origin is told. */
  default Span attempt(Origin origin, int number) {
    return NONE;
  }

  /** Puts the span into headers, which tell their receiver that its work is a part of this span. */
  default void putInto(MultiMap headers) {}

  default void set(String name, long value) {}

  /** Notes that the span has failed in this way, which is OpenTelemetry's {@code error.type}. */
  default void fail(String type) {}

  default void end() {}

  /** Returns the id of the span's trace; null if the trace is not kept. */
  default @Nullable String traceId() {
    return null;
  }
}
