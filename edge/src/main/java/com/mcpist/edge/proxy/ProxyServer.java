package com.mcpist.edge.proxy;

import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Supplier;

/** The edge's listener for MCP clients, on as many event loops as there are processors. */
public final class ProxyServer {
  private final Shared shared;
  private final Queue<EventLoop> loops;
  private final int port;

  private ProxyServer(Shared shared, Queue<EventLoop> loops, int port) {
    this.shared = shared;
    this.loops = loops;
    this.port = port;
  }

  /**
   * Starts to listen.
   *
   * @param gatewaySecret the value of X-Gateway-Secret to send, asked for at every attempt
   * @return fails when the address cannot be listened on
   */
  public static Future<ProxyServer> start(
      Vertx vertx, ProxyConfig config, Origins origins, Supplier<String> gatewaySecret) {
    Shared shared = Shared.of(config, origins, gatewaySecret);
    Queue<EventLoop> loops = new ConcurrentLinkedQueue<>();
    return vertx
        .deployVerticle(
            () -> {
              EventLoop loop = new EventLoop(shared);
              loops.add(loop);
              return loop;
            },
            new DeploymentOptions().setInstances(Runtime.getRuntime().availableProcessors()))
        .map(deployed -> new ProxyServer(shared, loops, loops.element().port()));
  }

  /** The port it listens on. */
  public int port() {
    return port;
  }

  /**
   * Stops: accepts no more connections, lets the calls in flight finish, tells clients to connect
   * anew.
   *
   * @param limit after which what is left is cut
   * @return completes when the last connection is closed
   */
  public Future<Void> drain(Duration limit) {
    shared.draining().set(true);
    return Future.join(loops.stream().map(loop -> loop.drain(limit)).toList()).mapEmpty();
  }
}
