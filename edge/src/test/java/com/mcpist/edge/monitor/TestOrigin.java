package com.mcpist.edge.monitor;

import com.mcpist.edge.pool.Origin;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.net.URI;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** A real listener that answers /health and /heartbeat as the test says. */
final class TestOrigin {
  private static final long TICK_MILLIS = 250;
  private static final int LIMIT_SECONDS = 30;

  private final Vertx vertx;
  private final String name;
  private final Set<HttpServerResponse> streams = ConcurrentHashMap.newKeySet();
  final Queue<String> healthSecrets = new ConcurrentLinkedQueue<>();
  private final AtomicInteger streamsOpened = new AtomicInteger();
  private final AtomicInteger ticksSent = new AtomicInteger();
  private HttpServer server;

  volatile int healthCode = 200;
  volatile String healthBody = "{\"status\":\"ok\",\"release\":\"r1\"}";
  volatile boolean answersHealth = true;
  volatile boolean ledger;
  volatile int mcpCode = 500;
  volatile String mcpBody = "";
  volatile boolean heartbeat = true;
  volatile boolean ticking = true;
  volatile boolean database = true;
  volatile boolean draining;

  TestOrigin(Vertx vertx, String name) {
    this.vertx = vertx;
    this.name = name;
    this.server = listen(0);
    vertx.setPeriodic(TICK_MILLIS, _ -> tick());
  }

  Origin origin() {
    return new Origin(name, URI.create("http://127.0.0.1:" + server.actualPort()));
  }

  /** Returns the number of heartbeat streams that were ever opened. */
  int streamsOpened() {
    return streamsOpened.get();
  }

  /**
   * Returns the number of ticks that were ever sent. Every tick that is sent is heard in the end.
   */
  int ticksSent() {
    return ticksSent.get();
  }

  /** Stops as a process that dies. */
  void kill() throws Exception {
    server.close().await(LIMIT_SECONDS, TimeUnit.SECONDS);
    streams.clear();
  }

  void restart() {
    server = listen(server.actualPort());
  }

  private HttpServer listen(int port) {
    try {
      return vertx
          .createHttpServer()
          .requestHandler(this::handle)
          .listen(port, "127.0.0.1")
          .await(LIMIT_SECONDS, TimeUnit.SECONDS);
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private void handle(HttpServerRequest request) {
    HttpServerResponse response = request.response();
    if ("/health".equals(request.path())) {
      @Nullable String secret = request.getHeader("X-Gateway-Secret");
      healthSecrets.add(secret == null ? "" : secret);
      if (ledger) {
        response.putHeader("X-Ledger", "kept");
      }
      if (answersHealth) {
        var _ = response.setStatusCode(healthCode).end(healthBody);
      }
    } else if ("/mcp".equals(request.path())) {
      var _ = response.setStatusCode(mcpCode).end(mcpBody);
    } else if (heartbeat) {
      response.setChunked(true).putHeader("Content-Type", "text/event-stream");
      var _ = response.writeHead();
      streamsOpened.incrementAndGet();
      streams.add(response);
      response.closeHandler(_ -> streams.remove(response));
    } else {
      var _ = response.setStatusCode(404).end();
    }
  }

  private void tick() {
    if (ticking) {
      String tick =
          "data: {\"instance\":\"i\",\"draining\":%s,\"database\":%s}\n\n"
              .formatted(draining, database);
      for (HttpServerResponse stream : streams) {
        stream.write(tick).onSuccess(_ -> ticksSent.incrementAndGet());
      }
    }
  }
}
