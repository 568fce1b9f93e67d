package com.mcpist.origin.http;

import com.mcpist.origin.auth.RefusedException;
import com.mcpist.origin.mcp.Json;
import com.mcpist.origin.status.StatusEndpoint;
import io.vertx.core.Context;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpServerRequest;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Has status pages made on threads that may block. On the event loop. */
record StatusHandler(
    StatusEndpoint status, Context loop, Connections connections, Executor executor)
    implements Handler<HttpServerRequest> {
  private static final Logger LOG = LoggerFactory.getLogger(StatusHandler.class);

  /** The body that is sent after a failure. It is made ahead, since memory may be what is short. */
  private static final byte[] FAILED =
      Json.bytes(Json.object().put("code", "failed").put("message", "The page was not made"));

  @Override
  public void handle(HttpServerRequest request) {
    connections.receive(
        request,
        StatusEndpoint.MAX_BODY_BYTES,
        () -> {
          Replies.discard(request);
          String message = "The body may have at most " + StatusEndpoint.MAX_BODY_BYTES + " bytes";
          Replies.refuse(request.response(), 413, "too_large", message);
        },
        body -> executor.execute(() -> answer(request, body.getBytes())));
  }

  private void answer(HttpServerRequest request, byte[] body) {
    try {
      StatusEndpoint.Page page = status.answer(body);
      loop.runOnContext(v -> Replies.html(request.response(), page.html(), page.policy()));
    } catch (RefusedException e) {
      refuse(request, e);
    } catch (Throwable e) {
      // The answer comes first, since logging may fail as well.
      loop.runOnContext(v -> Replies.json(request.response(), 500, FAILED));
      LOG.error("A status page was not made", e);
    }
  }

  private void refuse(HttpServerRequest request, RefusedException refusal) {
    loop.runOnContext(
        v -> {
          refusal.headers().forEach(request.response()::putHeader);
          Replies.refuse(
              request.response(),
              refusal.status(),
              refusal.code(),
              String.valueOf(refusal.getMessage()));
        });
  }
}
