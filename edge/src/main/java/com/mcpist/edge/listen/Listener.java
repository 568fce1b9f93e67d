package com.mcpist.edge.listen;

import com.mcpist.edge.time.TimeLimits;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.SocketAddress;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** One event loop's server: who is connected. Used on that loop only, but for {@link #run}. */
final class Listener {
  private static final int CHUNK_BYTES = 64 * 1024;

  private final Context context;
  private final ClientConnections clients;
  private final TimeLimits time;
  private final HttpServer server;
  private final Map<HttpConnection, ClientConnection> connections = new HashMap<>();
  private final Promise<Void> quiet = Promise.promise();
  private final Promise<Void> begun = Promise.promise();
  private Duration cutLimit = Duration.ZERO;
  private boolean accepts = true;
  private @Nullable Future<Void> shutdown;

  Listener(
      Context context,
      ClientConnections clients,
      long sweepMillis,
      RequestHandler.Factory handlers) {
    this.context = context;
    this.clients = clients;
    this.time = new TimeLimits(context.owner(), sweepMillis);
    RequestHandler handler = handlers.onLoop(context, time);
    this.server =
        context
            .owner()
            .createHttpServer(
                new HttpServerOptions()
                    .setHttp2ClearTextEnabled(false)
                    .setMaxHeaderSize(clients.limits().maxHeaderBytes())
                    .setMaxChunkSize(CHUNK_BYTES)
                    .setTcpKeepAlive(true))
            .connectionHandler(this::opened)
            .requestHandler(request -> requested(request, handler::handle))
            .invalidRequestHandler(request -> requested(request, handler::handleInvalid));
  }

  Future<HttpServer> listen(SocketAddress address) {
    return server.listen(address);
  }

  private void opened(HttpConnection connection) {
    ClientConnection client =
        new ClientConnection(context, time, clients.limits(), clients::draining, connection);
    connections.put(connection, client);
    time.watch(client);
    // A client may go as it likes; without a handler each one would be logged as an error.
    connection.exceptionHandler(broken -> {});
    connection.closeHandler(closed -> closed(connection, client));
    if (!clients.opened(client)) {
      connection.close();
    }
  }

  private void closed(HttpConnection connection, ClientConnection client) {
    clients.closed(client);
    connections.remove(connection);
    time.unwatch(client);
    if (clients.draining() && connections.isEmpty()) {
      quiet.tryComplete();
    }
    lookForUnused();
  }

  private void requested(
      HttpServerRequest request, BiConsumer<ClientConnection, HttpServerRequest> handler) {
    ClientConnection connection = connections.get(request.connection());
    if (connection != null && !connection.ends()) {
      connection.requestBegun();
      lookForUnused();
      handler.accept(connection, request);
    }
  }

  /** Does something on this loop; from any thread. */
  Future<Void> run(Function<Listener, Future<Void>> action) {
    Promise<Void> done = Promise.promise();
    context.runOnContext(_ -> action.apply(this).onComplete(done));
    return done.future();
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
    after(grace, quiet);
    return quiet.future();
  }

  /**
   * Waits for the first requests of the connections accepted last, {@code grace} at most; where it
   * is called again, the shorter time counts. Nothing is accepted any more.
   */
  Future<Void> begun(Duration grace) {
    accepts = false;
    lookForUnused();
    after(grace, begun);
    return begun.future();
  }

  private void after(Duration time, Promise<Void> done) {
    context
        .owner()
        .timer(Math.max(1, time.toMillis()), TimeUnit.MILLISECONDS)
        .onComplete(_ -> done.tryComplete());
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
