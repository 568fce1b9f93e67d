package com.mcpist.edge.listen;

import com.mcpist.edge.gate.AddressConnections;
import io.vertx.core.Context;
import io.vertx.core.Deployable;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Function;

/** Serves MCP clients, on as many event loops as there are processors. */
public final class ProxyServer {
  private final Vertx vertx;
  private final ListeningSocket socket;
  private final ClientConnections clients;
  private final Queue<Listener> listeners = new ConcurrentLinkedQueue<>();

  /**
   * Does not accept yet.
   *
   * @param vertx the socket's own
   * @param addresses how many connections each address has
   */
  public ProxyServer(
      Vertx vertx, ListeningSocket socket, ClientLimits limits, AddressConnections addresses) {
    this.vertx = vertx;
    this.socket = socket;
    this.clients = new ClientConnections(limits, addresses);
  }

  /**
   * Starts to accept.
   *
   * @param sweepMillis between two looks at what may last for so long only
   * @param handlers what becomes of requests
   */
  public Future<Void> start(long sweepMillis, RequestHandler.Factory handlers) {
    return vertx
        .deployVerticle(
            () ->
                new Deployable() {
                  @Override
                  public Future<?> deploy(Context context) {
                    Listener loop = new Listener(context, clients, sweepMillis, handlers);
                    listeners.add(loop);
                    return loop.listen(socket.serverAddress());
                  }
                },
            new DeploymentOptions().setInstances(Runtime.getRuntime().availableProcessors()))
        .onSuccess(_ -> socket.startAccepting())
        .mapEmpty();
  }

  /** The port it listens on. */
  public int port() {
    return socket.address().getPort();
  }

  /**
   * Stops: accepts no more connections, lets the calls in flight finish, tells clients to connect
   * anew. May be called again: the shorter grace counts, and the longer limit.
   *
   * @param grace how long a client may be idle and still be told with its next response; on a
   *     socket of its own, then once more for who connected last and has not asked yet
   * @param limit after the grace, when what is left is cut
   * @return completes when the last connection is closed
   */
  public Future<Void> drain(Duration grace, Duration limit) {
    clients.drain();
    // Who is told to come again waits in a socket that others hold, and is refused by one that is
    // closed: that one is closed last.
    Future<Void> quiet =
        socket.inherited()
            ? socket.stopAccepting().compose(_ -> onAll(each -> each.quiet(grace, limit)))
            : onAll(each -> each.quiet(grace, limit))
                .compose(_ -> socket.stopAccepting())
                .compose(_ -> onAll(each -> each.begun(grace)));
    return quiet.compose(_ -> onAll(Listener::shutdown));
  }

  private Future<Void> onAll(Function<Listener, Future<Void>> action) {
    return Future.join(listeners.stream().map(each -> each.run(action)).toList()).mapEmpty();
  }
}
