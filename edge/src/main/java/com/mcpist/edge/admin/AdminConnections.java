package com.mcpist.edge.admin;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerRequest;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What those without a token can take of the edge: anyone on its machine can connect, and what they
 * hold open is missing where clients are received. An idle timeout would be outwitted by a byte now
 * and then.
 */
final class AdminConnections {
  private final Vertx vertx;
  private final Limits limits;
  private final Map<HttpConnection, Long> timers = new ConcurrentHashMap<>();

  /**
   * The limits.
   *
   * @param most connections at once; one more is closed
   * @param request how long a connection may take to send its next request, or what is left of one
   */
  record Limits(int most, Duration request) {
    static final Limits DEFAULT = new Limits(64, Duration.ofSeconds(30));
  }

  AdminConnections(Vertx vertx, Limits limits) {
    this.vertx = vertx;
    this.limits = limits;
  }

  void opened(HttpConnection connection) {
    connection.exceptionHandler(broken -> {}); // Who broke it off knows.
    connection.closeHandler(closed -> stop(connection));
    if (timers.size() >= limits.most()) {
      connection.close();
    } else {
      restart(connection);
    }
  }

  /** A request's head has come: its body, and what follows its response, have as long again. */
  void begun(HttpServerRequest request) {
    restart(request.connection());
    request.response().endHandler(ended -> restart(request.connection()));
  }

  private void restart(HttpConnection connection) {
    stop(connection);
    timers.put(connection, vertx.setTimer(limits.request().toMillis(), due -> end(connection)));
  }

  private void end(HttpConnection connection) {
    timers.remove(connection);
    connection.close();
  }

  private void stop(HttpConnection connection) {
    Long timer = timers.remove(connection);
    if (timer != null) {
      vertx.cancelTimer(timer);
    }
  }
}
