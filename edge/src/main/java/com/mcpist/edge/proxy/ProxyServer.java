package com.mcpist.edge.proxy;

import com.mcpist.edge.listen.ListeningSocket;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.net.InetAddress;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Function;
import java.util.function.Supplier;

/** Serves MCP clients, on as many event loops as there are processors. */
public final class ProxyServer {
  private final Shared shared;
  private final ListeningSocket socket;
  private final Queue<EventLoop> loops;

  private ProxyServer(Shared shared, ListeningSocket socket, Queue<EventLoop> loops) {
    this.shared = shared;
    this.socket = socket;
    this.loops = loops;
  }

  /**
   * Starts to accept.
   *
   * @param vertx the socket's own
   * @param gate who gets in
   * @param gatewaySecret the value of X-Gateway-Secret to send, asked for at every attempt
   */
  public static Future<ProxyServer> start(
      Vertx vertx,
      ListeningSocket socket,
      ProxyConfig config,
      Gate gate,
      Origins origins,
      Supplier<String> gatewaySecret) {
    InetAddress address = socket.address().getAddress();
    Shared shared = Shared.of(config, address, gate, origins, gatewaySecret);
    Queue<EventLoop> loops = new ConcurrentLinkedQueue<>();
    return vertx
        .deployVerticle(
            () -> {
              EventLoop loop = new EventLoop(shared, socket.serverAddress());
              loops.add(loop);
              return loop;
            },
            new DeploymentOptions().setInstances(Runtime.getRuntime().availableProcessors()))
        .map(
            deployed -> {
              socket.startAccepting();
              return new ProxyServer(shared, socket, loops);
            });
  }

  /** How calls have ended since it started. */
  public CallCounts calls() {
    return shared.calls().counts();
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
    shared.draining().set(true);
    // Who is told to come again waits in a socket that others hold, and is refused by one that is
    // closed: that one is closed last.
    Future<Void> quiet =
        socket.inherited()
            ? socket.stopAccepting().compose(stopped -> onAll(loop -> loop.quiet(grace, limit)))
            : onAll(loop -> loop.quiet(grace, limit))
                .compose(idle -> socket.stopAccepting())
                .compose(stopped -> onAll(loop -> loop.begun(grace)));
    return quiet.compose(idle -> onAll(EventLoop::shutdown));
  }

  private Future<Void> onAll(Function<EventLoop, Future<Void>> action) {
    return Future.join(loops.stream().map(action).toList()).mapEmpty();
  }
}
