package com.mcpist.edge.trace;

import com.mcpist.edge.wire.Payload;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import java.util.function.Supplier;

/** Reports calls as traces. */
public interface Traces {
  /** The traces that are reported to nobody, and for which no call does anything. */
  Traces OFF = new Traces() {};

  /**
   * Begins the edge's part of a call, in the trace that its client has begun, if there is one.
   *
   * @param headers the client's headers
   * @param body the client's body, which is read only if the call is reported
   */
  default Span begin(String callId, MultiMap headers, Supplier<Payload> body) {
    return Span.NONE;
  }

  /** Sends what has not been sent. The future completes after a second at the latest. */
  default Future<Void> close() {
    return Future.succeededFuture();
  }
}
