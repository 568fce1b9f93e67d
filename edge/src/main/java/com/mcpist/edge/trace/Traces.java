package com.mcpist.edge.trace;

import com.mcpist.edge.wire.Payload;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import java.util.function.Supplier;

/** Who is told of calls. */
public interface Traces {
  /** Nobody, and no call does anything for it. */
  Traces OFF = new Traces() {};

  /**
   * Begins the edge's part of a call, in the trace that its client has begun, if it has.
   *
   * @param headers the client's
   * @param body read only where somebody is told
   */
  default Span begin(String callId, MultiMap headers, Supplier<Payload> body) {
    return Span.NONE;
  }

  /** Sends what has not been sent, for 2 s at most. */
  default Future<Void> close() {
    return Future.succeededFuture();
  }
}
