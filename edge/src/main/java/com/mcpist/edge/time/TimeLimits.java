package com.mcpist.edge.time;

import io.vertx.core.Vertx;
import java.util.HashSet;
import java.util.Set;

/**
 * The limits on time that one event loop keeps: one sweep over all costs less than a timer for
 * each. Used on that loop only.
 */
public final class TimeLimits {
  private final LoopClock clock;
  private final Set<Limited> watched = new HashSet<>();

  public interface Limited {
    /** Ends what has taken too long; {@code now}: the loop's milliseconds. */
    void check(long now);
  }

  /** Begins to sweep, on the current context, once in each period. */
  public TimeLimits(Vertx vertx, long periodMillis) {
    clock = new LoopClock(2 * periodMillis, System.nanoTime());
    vertx.setPeriodic(periodMillis, _ -> sweep());
  }

  private void sweep() {
    long now = clock.beat(System.nanoTime());
    for (Limited each : watched.toArray(Limited[]::new)) {
      each.check(now);
    }
  }

  /** Milliseconds that the loop has run, up to the last sweep. */
  public long now() {
    return clock.millis();
  }

  public void watch(Limited each) {
    watched.add(each);
  }

  public void unwatch(Limited each) {
    watched.remove(each);
  }
}
