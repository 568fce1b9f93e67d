package com.mcpist.edge.trace;

import com.mcpist.edge.pool.Origin;
import io.vertx.core.MultiMap;
import org.jspecify.annotations.Nullable;

/** A part of a call's way, from when it is made until it ends. Used on one event loop only. */
public interface Span {
  /** Of which nobody is told. */
  Span NONE = new Span() {};

  /** Begins an attempt at it; the number is the one that the origin is told. */
  default Span attempt(Origin origin, int number) {
    return NONE;
  }

  /** Tells the one who gets these headers that its work is a part of this. */
  default void putInto(MultiMap headers) {}

  default void set(String name, long value) {}

  /** It has failed, in this way; OpenTelemetry's {@code error.type}. */
  default void fail(String type) {}

  default void end() {}

  /** Of its trace, where that is kept; else null. */
  default @Nullable String traceId() {
    return null;
  }
}
