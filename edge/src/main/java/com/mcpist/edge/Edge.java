package com.mcpist.edge;

import com.mcpist.edge.admin.AdminServer;
import com.mcpist.edge.admin.BearerToken;
import com.mcpist.edge.monitor.HealthMonitor;
import com.mcpist.edge.monitor.MonotonicClock;
import com.mcpist.edge.monitor.OriginPool;
import com.mcpist.edge.proxy.ProxyServer;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.net.BindException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** A running edge. */
public final class Edge {
  private final HealthMonitor monitor;
  private final ProxyServer proxy;
  private final @Nullable AdminServer admin;

  private Edge(HealthMonitor monitor, ProxyServer proxy, @Nullable AdminServer admin) {
    this.monitor = monitor;
    this.proxy = proxy;
    this.admin = admin;
  }

  /**
   * Starts the pool, the monitor and the listeners.
   *
   * @return fails with a message for the operator when an address cannot be listened on; nothing is
   *     left running then but {@code vertx}
   */
  public static Future<Edge> start(Vertx vertx, EdgeConfig config) {
    MonotonicClock clock = new MonotonicClock();
    OriginPool pool = new OriginPool(vertx, config.origins(), config.pool(), clock);
    HealthMonitor monitor =
        HealthMonitor.start(vertx, pool, config.monitor(), config::gatewaySecret, clock);
    return admin(vertx, config, pool, monitor)
        .compose(
            admin ->
                ProxyServer.start(vertx, config.proxy(), pool, config::gatewaySecret)
                    .recover(e -> cannotListen(config.proxy().host(), config.proxy().port(), e))
                    .map(proxy -> new Edge(monitor, proxy, admin.orNull()))
                    .recover(e -> admin.close().transform(_ -> Future.failedFuture(e))))
        .recover(e -> monitor.close().transform(_ -> Future.failedFuture(e)));
  }

  private record Admin(@Nullable AdminServer orNull) {
    Future<Void> close() {
      return orNull == null ? Future.succeededFuture() : orNull.close();
    }
  }

  private static Future<Admin> admin(
      Vertx vertx, EdgeConfig config, OriginPool pool, HealthMonitor monitor) {
    Integer port = config.adminPort();
    String token = config.adminToken();
    if (port == null || token == null) {
      return Future.succeededFuture(new Admin(null));
    }
    return AdminServer.start(vertx, port, pool, monitor::release, new BearerToken(token))
        .recover(e -> cannotListen("127.0.0.1", port, e))
        .map(Admin::new);
  }

  private static <T> Future<T> cannotListen(String host, int port, Throwable cause) {
    String why =
        cause instanceof BindException
            ? "the address is in use or not this machine's"
            : "the address cannot be used";
    return Future.failedFuture(
        new ListenException("cannot listen on %s:%d: %s".formatted(host, port, why)));
  }

  /** The port that clients connect to. */
  public int port() {
    return proxy.port();
  }

  /** The admin listener's port; null: there is none. */
  public @Nullable Integer adminPort() {
    return admin == null ? null : admin.port();
  }

  /**
   * Accepts nothing new, lets the calls in flight finish, then stops all else: they need the pool
   * until the end.
   *
   * @param limit after which what is left is cut
   */
  public Future<Void> stop(Duration limit) {
    return proxy
        .drain(limit)
        .transform(_ -> new Admin(admin).close())
        .transform(_ -> monitor.close());
  }
}
