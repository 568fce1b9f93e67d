package com.mcpist.origin.http;

import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerRequest;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Cuts off connections that are too many, or take too long to send a request. One sweep over all of
 * them costs less than a timer for each request, and an idle timeout alone would be outwitted by a
 * byte a second. Confined to the event loop.
 */
final class Connections {
  private static final long NEVER = Long.MAX_VALUE;

  private final Connections.Limits limits;
  private final Map<HttpConnection, Long> deadlines = new HashMap<>();
  private final Set<HttpConnection> ending = new HashSet<>();

  Connections(Connections.Limits limits) {
    this.limits = limits;
  }

  void opened(HttpConnection connection) {
    deadlines.put(connection, System.nanoTime() + limits.requestTime().toNanos());
    connection.closeHandler(
        v -> {
          deadlines.remove(connection);
          ending.remove(connection);
        });
    if (deadlines.size() > limits.maxConnections()) {
      connection.close();
    }
  }

  boolean isEmpty() {
    return deadlines.isEmpty();
  }

  /** What is left of its bytes is no request, whatever it looks like. */
  void endsWith(HttpServerRequest request) {
    ending.add(request.connection());
  }

  /** Whether nothing more is to be taken from the request's connection. */
  boolean ends(HttpServerRequest request) {
    return ending.contains(request.connection());
  }

  /** The head of a request has come; what is left of it must come in time. */
  void receiving(HttpServerRequest request) {
    set(request, limits.requestTime().toNanos());
    request.response().endHandler(v -> set(request, limits.idleTime().toNanos()));
  }

  /** The request is whole: from here on, time is the server's. */
  void received(HttpServerRequest request) {
    deadlines.replace(request.connection(), NEVER);
  }

  /** Takes a body of so many bytes at most, of a request that only programs of MCPist send. */
  void receive(HttpServerRequest request, int most, Runnable tooLarge, Handler<Buffer> whole) {
    Buffer body = Buffer.buffer();
    request.exceptionHandler(e -> {});
    request.handler(
        piece -> {
          if (body.length() + piece.length() > most) {
            tooLarge.run();
          } else {
            body.appendBuffer(piece);
          }
        });
    request.endHandler(
        v -> {
          received(request);
          whole.handle(body);
        });
  }

  void sweep() {
    long now = System.nanoTime();
    List.copyOf(deadlines.entrySet()).stream()
        .filter(e -> e.getValue() != NEVER && now - e.getValue() > 0)
        .forEach(e -> e.getKey().close());
  }

  private void set(HttpServerRequest request, long nanosFromNow) {
    deadlines.replace(request.connection(), System.nanoTime() + nanosFromNow);
  }

  /**
   * What connections may take: how many are open at once, one more is closed unanswered; the
   * largest body; the time from the first byte of a request, or the opening of a connection, until
   * the whole request has come; the wait between requests, longer than the edge keeps one.
   */
  record Limits(int maxConnections, int maxBodyBytes, Duration requestTime, Duration idleTime) {
    static final Limits DEFAULT =
        new Limits(4096, 4 * 1024 * 1024, Duration.ofSeconds(10), Duration.ofSeconds(75));
  }
}
