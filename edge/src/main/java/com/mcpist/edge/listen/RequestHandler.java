package com.mcpist.edge.listen;

import com.mcpist.edge.time.TimeLimits;
import io.vertx.core.Context;
import io.vertx.core.http.HttpServerRequest;

/** What becomes of the requests of one event loop's clients; called on that loop only. */
public interface RequestHandler {
  /** A request's head has come; nothing is read on until this returns. */
  void handle(ClientConnection connection, HttpServerRequest request);

  /** What has come is no request that can be read. */
  void handleInvalid(ClientConnection connection, HttpServerRequest request);

  /** Makes one for each event loop. */
  interface Factory {
    /** Called on the loop. */
    RequestHandler onLoop(Context context, TimeLimits time);
  }
}
