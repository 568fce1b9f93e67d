package com.mcpist.edge.monitor;

import com.mcpist.edge.pool.Observation;
import com.mcpist.edge.pool.Origin;
import com.mcpist.edge.time.LoopClock;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.PoolOptions;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
  private final Map<String, Watch> watches = new LinkedHashMap<>();
  private final LoopClock loop = new LoopClock(2 * BEAT_MILLIS, System.nanoTime());
  private boolean closed;

  /**
   * Starts to watch the pool's origins.
   *
   * @param gatewaySecret sent with each probe, so that the origin tells its release
   */
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
      watches.put(origin.name(), new Watch(origin, settings, gatewaySecret));
    }
    context.runOnContext(_ -> begin());
  }

  /** What the origin last said it runs; null: it has not said. */
  public @Nullable String release(String origin) {
    Watch watch = watches.get(origin);
    return watch == null ? null : watch.probe.release();
  }

  /** Stops watching; the pool's state stays as it is. */
  public Future<Void> close() {
    Promise<Void> stopped = Promise.promise();
    context.runOnContext(
        _ -> {
          closed = true;
          for (Watch watch : watches.values()) {
            watch.probe.close();
            watch.stream.close();
          }
          stopped.complete();
        });
    return stopped.future().compose(_ -> client.close());
  }

  private void begin() {
    pool.watch(() -> context.runOnContext(_ -> scheduleAll()));
    for (Watch watch : watches.values()) {
      watch.stream.connect();
    }
    scheduleAll();
    vertx.setPeriodic(BEAT_MILLIS, this::beat);
  }

  private void scheduleAll() {
    if (!closed) {
      watches.values().forEach(watch -> watch.probe.update());
    }
  }

  private void beat(long timer) {
    if (closed) {
      vertx.cancelTimer(timer);
      return;
    }
    long now = loop.beat(System.nanoTime());
    for (Watch watch : watches.values()) {
      if (watch.heartbeat.stale(now)) {
        // A connection that a network swallowed would be repaired late; a new one tells at once.
        watch.stream.reconnect();
      }
    }
    watches.values().forEach(watch -> watch.judge(now));
  }

  /** One origin's heartbeat, and what it means to the pool. */
  private final class Watch implements HeartbeatStream.Listener {
    private final String name;
    private final HealthProbe probe;
    private final HeartbeatStream stream;
    private Heartbeat heartbeat = Heartbeat.UNKNOWN;
    private boolean quiet = true;

    /** When it was last found silent; -1: it is not. */
    private long silentAt = -1;

    Watch(Origin origin, MonitorSettings settings, Supplier<String> gatewaySecret) {
      this.name = origin.name();
      this.probe = new HealthProbe(vertx, client, pool, origin, settings, gatewaySecret);
      this.stream = new HeartbeatStream(vertx, client, origin, gatewaySecret, this);
    }

    @Override
    public void tick(boolean database) {
      long now = loop.millis(System.nanoTime());
      boolean back = quiet || heartbeat.stale(now);
      quiet = false;
      heartbeat = heartbeat.tick(now, database);
      if (back) {
        // A probe under way was sent to what was there before.
        probe.probeNow();
      }
      judge(now);
    }

    @Override
    public void leaving() {
      pool.observe(new Observation.Draining(name));
    }

    @Override
    public void replaced() {
      pool.observe(new Observation.Replaced(name));
      // A probe under way was sent to what was there before.
      probe.probeNow();
    }

    @Override
    public void ended() {
      quiet = true;
      pool.observe(new Observation.HeartbeatEnded(name));
    }

    @Override
    public void absent() {
      heartbeat = Heartbeat.ABSENT;
      judge(loop.millis(System.nanoTime()));
    }

    private void judge(long now) {
      if (silentAt >= 0 && heartbeat.wellSince(silentAt)) {
        silentAt = -1;
        pool.observe(new Observation.HeartbeatResumed(name));
      } else if (silentAt < 0) {
        Optional<String> silence = heartbeat.silence(others(), now);
        if (silence.isPresent()) {
          silentAt = now;
          pool.observe(new Observation.HeartbeatSilent(name, silence.get()));
        }
      }
    }

    private List<Heartbeat> others() {
      return watches.values().stream().filter(w -> w != this).map(w -> w.heartbeat).toList();
    }
  }
}
