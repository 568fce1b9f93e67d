package com.mcpist.edge.monitor;

import com.mcpist.edge.pool.Health;
import com.mcpist.edge.pool.Observation;
import com.mcpist.edge.pool.Origin;
import com.mcpist.edge.pool.OriginState;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * Probes one origin when its state says, one probe at a time. Used on one event loop's context
 * only, but for {@link #release()}.
 */
final class ProbeSchedule {
  private static final long NO_TIMER = -1;

  private final Vertx vertx;
  private final OriginPool pool;
  private final Origin origin;
  private final HealthProbe probe;
  private final int retries;
  private final InstantSource clock;

  /** The probe whose result counts. */
  private int generation;

  private boolean asking;
  private boolean closed;
  private long timer = NO_TIMER;
  private @Nullable Instant scheduled;
  private volatile @Nullable String release;

  ProbeSchedule(
      Vertx vertx,
      OriginPool pool,
      Origin origin,
      HealthProbe probe,
      int retries,
      InstantSource clock) {
    this.vertx = vertx;
    this.pool = pool;
    this.origin = origin;
    this.probe = probe;
    this.retries = retries;
    this.clock = clock;
  }

  @Nullable String release() {
    return release;
  }

  /** Sets the timer anew, as the state says now. */
  void update() {
    if (asking || closed) {
      return; // what a probe under way finds brings the next update
    }
    Instant next = state().nextProbe();
    if (timer != NO_TIMER && next.equals(scheduled)) {
      return;
    }
    cancelTimer();
    scheduled = next;
    long due = Duration.between(clock.instant(), next).toMillis();
    // Later, never earlier: a probe before the end of a hold-down would not end it.
    long jitter = due <= 0 ? 0 : ThreadLocalRandom.current().nextLong(due / 10 + 1);
    timer = vertx.setTimer(Math.max(1, due + jitter), _ -> probeNow());
  }

  /** Probes at once; the result of a probe under way does not count any more. */
  void probeNow() {
    if (closed) {
      return;
    }
    cancelTimer();
    int mine = ++generation;
    asking = true;
    // What is not well is asked again soon anyway.
    int again = state().health() == Health.HEALTHY ? retries : 0;
    probe.ask(origin, again).onSuccess(result -> answered(mine, result));
  }

  private void answered(int mine, HealthProbe.Result result) {
    if (mine != generation || closed) {
      return;
    }
    asking = false;
    if (result.release() != null) {
      release = result.release();
    }
    String failure = result.failure();
    pool.observe(
        failure == null
            ? new Observation.ProbeUp(origin.name())
            : new Observation.ProbeDown(origin.name(), failure));
    update();
  }

  void close() {
    closed = true;
    cancelTimer();
  }

  private OriginState state() {
    return pool.state().origin(origin.name());
  }

  private void cancelTimer() {
    if (timer != NO_TIMER) {
      vertx.cancelTimer(timer);
      timer = NO_TIMER;
    }
  }
}
