package com.mcpist.edge.proxy;

import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.SocketAddress;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One event loop's server: who is connected, and what becomes of a request. */
final class Listener {
  private final EventLoop loop;
  private final HttpServer server;
  private final Upstream upstream;
  private final ToolCatalog catalog;
  private final Promise<Void> quiet = Promise.promise();
  private final Promise<Void> begun = Promise.promise();
  private Duration cutLimit = Duration.ZERO;
  private boolean accepts = true;
  private @Nullable Future<Void> shutdown;
  private final Map<HttpConnection, ClientConnection> connections = new HashMap<>();

  Listener(EventLoop loop, HttpServer server, Upstream upstream) {
    this.loop = loop;
    this.server = server;
    this.upstream = upstream;
    this.catalog = new ToolCatalog(loop, upstream);
  }

  Future<HttpServer> listen(SocketAddress address) {
    return server
        .connectionHandler(this::opened)
        .requestHandler(this::requested)
        .invalidRequestHandler(this::invalid)
        .listen(address);
  }

  private void opened(HttpConnection connection) {
    String peer = connection.remoteAddress().hostAddress();
    boolean tooMany = loop.shared().gate().connections().opened(peer);
    ClientConnection client = new ClientConnection(loop, connection);
    connections.put(connection, client);
    loop.shared().connections().add(client);
    loop.watch(client);
    // A client may go as it likes; without a handler each one would be logged as an error.
    connection.exceptionHandler(broken -> {});
    connection.closeHandler(
        closed -> {
          loop.shared().connections().remove(client);
          loop.shared().gate().connections().closed(peer);
          connections.remove(connection);
          loop.unwatch(client);
          if (loop.shared().draining().get() && connections.isEmpty()) {
            quiet.tryComplete();
          }
          lookForUnused();
        });
    if (tooMany || !loop.shared().connections().makeRoomFor(client)) {
      connection.close();
    }
  }

  private void requested(HttpServerRequest request) {
    ClientConnection connection = connections.get(request.connection());
    if (connection != null && !connection.ends()) {
      connection.requestBegun();
      lookForUnused();
      new Intake(loop, upstream, catalog, new Client(loop, connection, request)).begin();
    }
  }

  private void invalid(HttpServerRequest request) {
    ClientConnection connection = connections.get(request.connection());
    if (connection != null && !connection.ends()) {
      connection.requestBegun();
      lookForUnused();
      Refusal refusal =
          loop.shared()
              .gate()
              .address(request)
              .orElseGet(() -> Refusal.of(rejection(request.decoderResult().cause())));
      new Client(loop, connection, request).reject(refusal, Route.NOT_FOUND, true);
    }
  }

  private static Rejection rejection(Throwable cause) {
    return switch (cause) {
      case TooLongHttpLineException line -> Rejection.URI_TOO_LONG;
      case TooLongHttpHeaderException header -> Rejection.HEADER_TOO_LARGE;
      default -> Rejection.MALFORMED;
    };
  }

  /**
   * Lets clients at work learn from their next response that they must connect anew; a client that
   * stays idle is not waited for longer than {@code grace}. Where that is called again, the shorter
   * grace counts, and the longer limit.
   *
   * @param limit that {@link #shutdown} leaves to calls in flight
   */
  Future<Void> quiet(Duration grace, Duration limit) {
    if (limit.compareTo(cutLimit) > 0) {
      cutLimit = limit;
    }
    if (connections.isEmpty()) {
      quiet.tryComplete();
    }
    loop.after(grace).onComplete(over -> quiet.tryComplete());
    return quiet.future();
  }

  /**
   * Waits for the first requests of the connections accepted last, {@code grace} at most; where it
   * is called again, the shorter time counts. Nothing is accepted any more.
   */
  Future<Void> begun(Duration grace) {
    accepts = false;
    lookForUnused();
    loop.after(grace).onComplete(over -> begun.tryComplete());
    return begun.future();
  }

  private void lookForUnused() {
    if (!accepts && connections.values().stream().noneMatch(ClientConnection::unused)) {
      begun.tryComplete();
    }
  }

  /** Ends what is left: idle connections at once, calls in flight after the longest limit. */
  Future<Void> shutdown() {
    Future<Void> ending = shutdown;
    if (ending == null) {
      ending = server.shutdown(cutLimit);
      shutdown = ending;
    }
    return ending;
  }
}
