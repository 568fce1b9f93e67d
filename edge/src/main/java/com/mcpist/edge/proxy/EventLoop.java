package com.mcpist.edge.proxy;

import com.fasterxml.uuid.Generators;
import com.fasterxml.uuid.NoArgGenerator;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.net.SocketAddress;
import java.time.Duration;
import java.util.Collections;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** One event loop's listener, its connections and its calls; used on that loop only. */
final class EventLoop extends VerticleBase {
  private static final int SWEEPS_PER_LIMIT = 20;
  private static final long LONGEST_PERIOD_MILLIS = 100;
  private static final int CHUNK_BYTES = 64 * 1024;
  private static final int ORIGIN_HEADER_BYTES = 64 * 1024;
  private static final int KEEP_ORIGIN_CONNECTION_SECONDS = 10;

  private final Shared shared;
  private final SocketAddress address;
  private final long periodMillis;
  private final LoopClock clock;
  private final NoArgGenerator callIds = Generators.timeBasedEpochRandomGenerator();
  private final Set<Watched> watched = new HashSet<>();
  private final Set<HttpConnection> unused = Collections.newSetFromMap(new IdentityHashMap<>());
  private @Nullable Listener listener;

  /** Creates the loop; it runs once deployed, and listens on that address then. */
  EventLoop(Shared shared, SocketAddress address) {
    this.shared = shared;
    this.address = address;
    this.periodMillis =
        Math.clamp(
            shared.config().idleTimeoutMillis() / SWEEPS_PER_LIMIT, 5, LONGEST_PERIOD_MILLIS);
    this.clock = new LoopClock(periodMillis, steadyMillis());
  }

  @Override
  public Future<?> start() {
    vertx.setPeriodic(periodMillis, timer -> sweep());
    HttpServer server = vertx.createHttpServer(serverOptions());
    listener = new Listener(this, server, new Upstream(client(true), client(false)));
    return listener.listen(address);
  }

  private HttpClient client(boolean keeping) {
    return vertx
        .httpClientBuilder()
        .with(clientOptions().setKeepAlive(keeping))
        .with(poolOptions())
        .withConnectHandler(this::connected)
        .build();
  }

  private HttpServerOptions serverOptions() {
    return new HttpServerOptions()
        .setHttp2ClearTextEnabled(false)
        .setMaxHeaderSize(shared.config().clients().maxHeaderBytes())
        .setMaxChunkSize(CHUNK_BYTES)
        .setTcpKeepAlive(true);
  }

  private HttpClientOptions clientOptions() {
    int connectMillis = Math.toIntExact(shared.config().connectTimeoutMillis());
    return new HttpClientOptions()
        .setHttp2ClearTextUpgrade(false)
        .setConnectTimeout(connectMillis)
        .setSslHandshakeTimeout(connectMillis)
        .setSslHandshakeTimeoutUnit(TimeUnit.MILLISECONDS)
        .setKeepAliveTimeout(KEEP_ORIGIN_CONNECTION_SECONDS)
        .setMaxHeaderSize(ORIGIN_HEADER_BYTES)
        .setMaxChunkSize(CHUNK_BYTES)
        .setTcpKeepAlive(true);
  }

  // As many as there can be clients: a call never waits for a connection that another one has.
  private PoolOptions poolOptions() {
    return new PoolOptions().setHttp1MaxSize(shared.config().clients().maxConnections());
  }

  private void connected(HttpConnection connection) {
    unused.add(connection);
    // Without a handler each would be logged as an error; the attempt that it ends tells of it.
    connection.exceptionHandler(broken -> {});
    connection.closeHandler(closed -> unused.remove(connection));
  }

  /** Whether a connection to an origin is used for the first time; asked once, when it is used. */
  boolean firstUse(HttpConnection connection) {
    return unused.remove(connection);
  }

  private void sweep() {
    clock.tick(steadyMillis());
    for (Watched each : watched.toArray(Watched[]::new)) {
      each.check(clock.millis());
    }
  }

  private static long steadyMillis() {
    return TimeUnit.NANOSECONDS.toMillis(System.nanoTime());
  }

  void watch(Watched each) {
    watched.add(each);
  }

  void unwatch(Watched each) {
    watched.remove(each);
  }

  /** Milliseconds this loop has lived. */
  long now() {
    return clock.millis();
  }

  /** A new call's id: unguessable, since whoever knows it can ask for the call's result. */
  String newCallId() {
    return callIds.generate().toString();
  }

  Shared shared() {
    return shared;
  }

  /**
   * Runs {@code next} on this loop when an origin becomes healthy or answers a probe, or after the
   * pause at the latest.
   */
  void pause(Search.Step.Pause pause, Runnable next) {
    Future<Void> healthy =
        shared.origins().awaitHealthy(Duration.ofMillis(Math.max(1, pause.atMost())));
    Future.join(after(Duration.ofMillis(pause.atLeast())), healthy)
        .onComplete(done -> context.runOnContext(now -> next.run()));
  }

  /** Runs {@code task} on this loop; from any thread. */
  void run(Runnable task) {
    context.runOnContext(now -> task.run());
  }

  /** Completes after this time. */
  Future<Void> after(Duration time) {
    return vertx.timer(Math.max(1, time.toMillis()), TimeUnit.MILLISECONDS).mapEmpty();
  }

  /** Completes when no client is connected, or after {@code grace}; from any thread. */
  Future<Void> quiet(Duration grace, Duration limit) {
    return onListener(current -> current.quiet(grace, limit));
  }

  /** Completes when each connection has had a request, or after {@code grace}; from any thread. */
  Future<Void> begun(Duration grace) {
    return onListener(current -> current.begun(grace));
  }

  /** Closes idle connections, and the others with their calls; from any thread. */
  Future<Void> shutdown() {
    return onListener(Listener::shutdown);
  }

  private Future<Void> onListener(Function<Listener, Future<Void>> action) {
    Listener current = listener;
    if (current == null) {
      return Future.succeededFuture();
    }
    Promise<Void> done = Promise.promise();
    context.runOnContext(now -> action.apply(current).onComplete(done));
    return done.future();
  }
}
