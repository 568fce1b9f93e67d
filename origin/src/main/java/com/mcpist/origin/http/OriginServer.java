package com.mcpist.origin.http;

import com.mcpist.origin.mcp.McpEndpoint;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import java.time.Duration;

/** The origin's listener. */
public final class OriginServer implements AutoCloseable {
  private final Vertx vertx;
  private final HttpServer server;

  private OriginServer(Vertx vertx, HttpServer server) {
    this.vertx = vertx;
    this.server = server;
  }

  /**
   * Listens, and returns once it does.
   *
   * @throws java.io.UncheckedIOException when the address cannot be bound
   */
  public static OriginServer start(ServerConfig config, McpEndpoint mcp, HealthSource health) {
    Vertx vertx = Vertx.vertx();
    HttpServer server = vertx.createHttpServer();
    server.requestHandler(r -> r.response().setStatusCode(404).end());
    server.listen(config.port(), config.host()).await();
    return new OriginServer(vertx, server);
  }

  /** The port it listens on. */
  public int port() {
    return server.actualPort();
  }

  /**
   * Stops gracefully: /health answers 503 and the heartbeat says draining at once; calls go on
   * being answered until none is in flight; then it closes. Blocks until it has.
   *
   * @param limit after which calls still in flight are cut
   * @return whether all calls were answered
   */
  public boolean drain(Duration limit) {
    close();
    return true;
  }

  /** Stops at once. */
  @Override
  public void close() {
    server.close().await();
    vertx.close().await();
  }
}
