package com.mcpist.edge.monitor;

import com.mcpist.edge.pool.Origin;
import com.mcpist.edge.time.LoopClock;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.PoolOptions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Probes every origin when the pool says so, listens to its heartbeat, and tells the pool. All of
 * it runs on one event loop's context.
 */
public final class HealthMonitor {
  private static final long BEAT_MILLIS = 100;
  private static final int CONNECT_TIMEOUT_MILLIS = 1_000;

  /**
   * Per origin: the heartbeat, the one of a process that was replaced, one that looks who is there,
   * a probe, and one of each of the last two that is on its way out.
   */
  private static final int CONNECTIONS = 6;

  private final Vertx vertx;
  private final Context context;
  private final OriginPool pool;
  private final HttpClient client;
  private final Map<String, HealthProbe> probes = new LinkedHashMap<>();
  private final List<HeartbeatWatch> heartbeats = new ArrayList<>();
  private final LoopClock loop = new LoopClock(2 * BEAT_MILLIS, System.nanoTime());
  private boolean closed;

  /** {@code gatewaySecret}: sent with each probe, so that the origin tells its release. */
  public HealthMonitor(
      Vertx vertx, OriginPool pool, MonitorSettings settings, Supplier<String> gatewaySecret) {
    this.vertx = vertx;
    this.context = vertx.getOrCreateContext();
    this.pool = pool;
    // No connection is kept: one to a process that has gone would be a false failure.
    this.client =
        vertx
            .httpClientBuilder()
            .with(
                new HttpClientOptions()
                    .setKeepAlive(false)
                    .setConnectTimeout(CONNECT_TIMEOUT_MILLIS)
                    .setTcpNoDelay(true))
            .with(new PoolOptions().setHttp1MaxSize(CONNECTIONS))
            // Without a handler each that breaks would be logged as an error; its request tells.
            .withConnectHandler(connection -> connection.exceptionHandler(_ -> {}))
            .build();
    for (Origin origin : pool.origins()) {
      HealthProbe probe = new HealthProbe(vertx, client, pool, origin, settings, gatewaySecret);
      probes.put(origin.name(), probe);
      heartbeats.add(
          new HeartbeatWatch(
              vertx,
              client,
              origin,
              gatewaySecret,
              pool,
              probe,
              loop,
              () -> heartbeatsBut(origin)));
    }
    context.runOnContext(_ -> begin());
  }

  private List<Heartbeat> heartbeatsBut(Origin one) {
    return heartbeats.stream()
        .filter(each -> each.origin() != one)
        .map(HeartbeatWatch::heartbeat)
        .toList();
  }

  /** What the origin last said it runs; null: it has not said. */
  public @Nullable String release(String origin) {
    HealthProbe probe = probes.get(origin);
    return probe == null ? null : probe.release();
  }

  /** Stops watching; the pool's state stays as it is. */
  public Future<Void> close() {
    Promise<Void> stopped = Promise.promise();
    context.runOnContext(
        _ -> {
          closed = true;
          probes.values().forEach(HealthProbe::close);
          heartbeats.forEach(HeartbeatWatch::close);
          stopped.complete();
        });
    return stopped.future().compose(_ -> client.close());
  }

  private void begin() {
    pool.watch(() -> context.runOnContext(_ -> updateProbes()));
    heartbeats.forEach(HeartbeatWatch::connect);
    updateProbes();
    vertx.setPeriodic(BEAT_MILLIS, this::beat);
  }

  private void updateProbes() {
    if (!closed) {
      probes.values().forEach(HealthProbe::update);
    }
  }

  private void beat(long timer) {
    if (closed) {
      vertx.cancelTimer(timer);
      return;
    }
    long now = loop.beat(System.nanoTime());
    heartbeats.forEach(each -> each.reconnectIfStale(now));
    heartbeats.forEach(each -> each.judge(now));
  }
}
