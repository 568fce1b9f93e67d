package com.mcpist.origin.http;

import com.mcpist.origin.admin.AdminEndpoint;
import com.mcpist.origin.admin.AdminRequest;
import com.mcpist.origin.auth.AcceptedSecrets;
import com.mcpist.origin.auth.Access;
import com.mcpist.origin.billing.Billing;
import com.mcpist.origin.http.HealthHandler.Heartbeat;
import com.mcpist.origin.mcp.Budget;
import com.mcpist.origin.mcp.Json;
import com.mcpist.origin.mcp.McpEndpoint;
import com.mcpist.origin.status.StatusEndpoint;
import com.mcpist.telemetry.Metrics;
import com.mcpist.telemetry.StaleSocket;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.impl.HttpServerConnection;
import io.vertx.core.net.SocketAddress;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The origin's listener. One event loop reads and writes; every call has a thread. */
public final class OriginServer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(OriginServer.class);
  private static final int LAST_WORDS_MILLIS = 200;
  private static final int TICK_MILLIS = 100;
  private static final int MAX_HEADER_BYTES = 16 * 1024;

  /**
   * Packets of a loopback have 64 KiB. A receive window smaller than two of them can close, and
   * then opens only when the sender probes it, up to 3 s later.
   */
  private static final int RECEIVE_BUFFER_BYTES = 512 * 1024;

  private static final List<HttpMethod> ADMIN_METHODS =
      List.of(HttpMethod.GET, HttpMethod.POST, HttpMethod.PUT, HttpMethod.DELETE);

  private final Config config;
  private final Vertx vertx = vertx();
  private final Context loop = vertx.getOrCreateContext();
  private final InFlight inFlight = new InFlight(loop);
  private final CallThreads calls = new CallThreads();
  private final Connections connections;
  final Budget budget;
  private final HttpServer server;

  private OriginServer(Config config) {
    this.config = config;
    this.connections = new Connections(config.limits());
    this.budget = config.budget();
    this.server = vertx.createHttpServer(options(config));
  }

  /**
   * Returns once it listens; {@code billing}: null: nothing is sold. Throws ListenException where
   * the address cannot be bound.
   */
  public static OriginServer start(
      Config config,
      Access access,
      McpEndpoint mcp,
      AdminEndpoint admin,
      StatusEndpoint status,
      @Nullable Billing billing,
      HealthSource health,
      Metrics metrics) {
    clear(config.address());
    OriginServer origin = new OriginServer(config);
    CompletableFuture<Void> listening = new CompletableFuture<>();
    origin.loop.runOnContext(
        v -> {
          try {
            origin.serve(origin.routes(access, mcp, admin, status, billing, health, metrics));
            origin
                .server
                .listen(config.address())
                .onSuccess(s -> listening.complete(null))
                .onFailure(listening::completeExceptionally);
          } catch (RuntimeException | LinkageError e) {
            listening.completeExceptionally(e); // Else the start would wait for ever.
          }
        });
    try {
      listening.join();
      return origin;
    } catch (CompletionException e) {
      origin.close();
      throw new ListenException(config.address(), Objects.requireNonNullElse(e.getCause(), e));
    }
  }

  private static void clear(SocketAddress address) {
    try {
      if (address.isDomainSocket()) {
        StaleSocket.remove(Path.of(address.path()));
      }
    } catch (IOException e) {
      throw new ListenException(address, e);
    }
  }

  private static boolean isLoopback(SocketAddress address) {
    return address.isInetSocket() && Router.isLoopback(address.host());
  }

  private Map<String, Router.Route> routes(
      Access access,
      McpEndpoint mcp,
      AdminEndpoint admin,
      StatusEndpoint status,
      @Nullable Billing billing,
      HealthSource health,
      Metrics metrics) {
    var mcpHandler = new McpHandler(mcp, access, loop, inFlight, connections, calls, budget);
    var healthHandler = new HealthHandler(health, config.secrets(), loop, inFlight, calls);
    var adminHandler = new AdminHandler(admin, loop, inFlight, connections, calls);
    Map<String, Router.Route> routes = new HashMap<>();
    if (billing != null) {
      var webhooks = new WebhookHandler(billing, loop, connections, calls, budget);
      routes.put("/webhooks/stripe", Router.Route.closed(List.of(HttpMethod.POST), webhooks));
    }
    routes.putAll(
        Map.of(
            "/health",
            new Router.Route(List.of(HttpMethod.GET, HttpMethod.HEAD), _ -> true, healthHandler),
            "/mcp",
            Router.Route.closed(List.of(HttpMethod.POST), mcpHandler),
            AdminRequest.PREFIX,
            Router.Route.closed(ADMIN_METHODS, adminHandler),
            "/events/",
            Router.Route.closed(List.of(HttpMethod.PUT), adminHandler::receive),
            "/status",
            Router.Route.closed(
                List.of(HttpMethod.POST), new StatusHandler(status, loop, connections, calls)),
            "/heartbeat",
            Router.Route.closed(List.of(HttpMethod.GET), request -> heartbeat(request, health)),
            "/metrics",
            new Router.Route(
                List.of(HttpMethod.GET),
                request -> admin.knows(request.headers().getAll(HttpHeaders.AUTHORIZATION)),
                request -> metrics(request, metrics))));
    return routes;
  }

  private void metrics(HttpServerRequest request, Metrics metrics) {
    String accept = request.getHeader(HttpHeaders.ACCEPT);
    calls.execute(
        () -> {
          try {
            Metrics.Text text = metrics.text(accept);
            loop.runOnContext(_ -> Replies.text(request.response(), text));
          } catch (Throwable e) {
            // The answer comes first, since logging may fail as well.
            loop.runOnContext(_ -> Replies.json(request.response(), 500, Json.object()));
            LOG.error("The metrics could not be read", e);
          }
        });
  }

  private void heartbeat(HttpServerRequest request, HealthSource health) {
    request.endHandler(v -> {});
    new Heartbeat(request.response(), loop, config.instance(), health, inFlight).open(calls);
  }

  private void serve(Map<String, Router.Route> routes) {
    // A page in a browser does not know a secret, and a platform has names of its own.
    boolean localOnly = !config.secrets().required() && isLoopback(config.address());
    Router router = new Router(connections, routes, config.secrets(), localOnly);
    server.connectionHandler(
        connection -> {
          readPieces(connection);
          OpenHeads.limit(connection);
          connections.opened(connection);
        });
    server.requestHandler(
        request -> {
          connections.receiving(request);
          if (inFlight.draining()) {
            // Whatever it asks, its next request is another process's.
            request.response().putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
          }
          router.handle(request);
        });
    vertx.setPeriodic(
        TICK_MILLIS,
        id -> {
          inFlight.tick(!connections.isEmpty());
          connections.sweep();
        });
  }

  /** Else each read, of whatever length, would allocate and clear a whole receive buffer. */
  private static void readPieces(HttpConnection connection) {
    ((HttpServerConnection) connection)
        .channelHandlerContext()
        .channel()
        .config()
        .setRecvByteBufAllocator(new AdaptiveRecvByteBufAllocator());
  }

  private static Vertx vertx() {
    return Vertx.vertx(
        new VertxOptions()
            // State is confined to this loop instead of being locked.
            .setEventLoopPoolSize(1)
            .setWorkerPoolSize(1)
            .setInternalBlockingPoolSize(1)
            .setFileSystemOptions(
                new FileSystemOptions()
                    .setClassPathResolvingEnabled(false)
                    .setFileCachingEnabled(false)));
  }

  private static HttpServerOptions options(Config config) {
    return new HttpServerOptions()
        .setMaxHeaderSize(MAX_HEADER_BYTES)
        .setHttp2ClearTextEnabled(false)
        .setTcpNoDelay(true)
        .setReceiveBufferSize(RECEIVE_BUFFER_BYTES)
        .setPerFrameWebSocketCompressionSupported(false)
        .setPerMessageWebSocketCompressionSupported(false)
        .setIdleTimeoutUnit(TimeUnit.MILLISECONDS)
        // This limit ends clients that do not read their answers. Connections has the other limits.
        .setIdleTimeout(Math.toIntExact(config.limits().idleTime().toMillis()));
  }

  public int port() {
    return server.actualPort();
  }

  /** Returns where the origin listens, with the port that it has got. */
  public SocketAddress address() {
    return config.address().isInetSocket()
        ? SocketAddress.inetSocketAddress(port(), config.address().host())
        : config.address();
  }

  /**
   * Stops gracefully: /health answers 503 and the heartbeat says draining at once; calls go on
   * being answered until none is in flight, or the limit cuts them. Blocks until the server has
   * closed, and returns whether all calls were answered.
   */
  public boolean drain(Duration limit) {
    boolean answered = false;
    try {
      inFlight.drain().get(limit.toMillis(), TimeUnit.MILLISECONDS);
      answered = true;
    } catch (TimeoutException e) {
      // The calls that are still in flight are cut off.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException e) {
      throw new IllegalStateException("The drain failed", e.getCause());
    }
    close();
    return answered;
  }

  /** Stops at once: calls are interrupted, and their clients told that the attempt has failed. */
  @Override
  public void close() {
    try {
      // Only work that heeds the interrupt is worth waiting for, and that takes no time.
      if (!calls.stop(LAST_WORDS_MILLIS)) {
        LOG.warn("Calls were cut off that did not heed the interrupt");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    vertx.close().await();
  }

  /** The address cannot be bound: it is taken, not this machine's, or not allowed. */
  public static final class ListenException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    ListenException(SocketAddress address, Throwable failure) {
      super("Cannot listen on %s: %s".formatted(address, failure.getMessage()), failure);
    }
  }

  /**
   * Port 0 is any free one; the instance names this process in its heartbeat; the budget is that of
   * all that this process holds for calls.
   */
  public record Config(
      SocketAddress address,
      String instance,
      AcceptedSecrets secrets,
      Connections.Limits limits,
      Budget budget) {
    public Config(SocketAddress address, String instance, AcceptedSecrets secrets) {
      this(address, instance, secrets, Connections.Limits.DEFAULT);
    }

    Config(
        SocketAddress address,
        String instance,
        AcceptedSecrets secrets,
        Connections.Limits limits) {
      this(address, instance, secrets, limits, Budget.ofHeap(limits.maxBodyBytes()));
    }
  }
}
