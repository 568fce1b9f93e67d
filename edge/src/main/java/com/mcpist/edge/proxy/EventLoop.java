package com.mcpist.edge.proxy;

import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** One event loop's listener and its connections; used on that loop only. */
final class EventLoop extends VerticleBase {
  private final Shared shared;
  private final int port;
  private @Nullable HttpServer server;

  EventLoop(Shared shared, int port) {
    this.shared = shared;
    this.port = port;
  }

  @Override
  public Future<?> start() {
    HttpServer created =
        vertx
            .createHttpServer(
                new HttpServerOptions()
                    .setHost(shared.config().host())
                    .setPort(port)
                    .setHttp2ClearTextEnabled(false))
            .requestHandler(request -> request.response().setStatusCode(404).end());
    server = created;
    return created.listen();
  }

  int port() {
    return server == null ? port : server.actualPort();
  }

  Future<Void> drain(Duration limit) {
    return server == null ? Future.succeededFuture() : server.shutdown(limit);
  }
}
