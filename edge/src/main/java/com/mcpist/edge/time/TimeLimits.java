package com.mcpist.edge.time;

import io.vertx.core.Vertx;
import java.util.HashSet;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The limits on time that one event loop keeps. One sweep over all of them costs less than a timer
 * for each. Used on that loop only.
 */
public final class TimeLimits {
  private static final Logger LOG = LoggerFactory.getLogger(TimeLimits.class);

  private final LoopClock clock;
  private final Set<Limited> watched = new HashSet<>();
  private final Set<Limited> threw = new HashSet<>();

  public interface Limited {
    /** Ends what has taken too long. {@code now} is the loop's time in milliseconds. */
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
      try {
        each.check(now);
      } catch (RuntimeException e) {
        if (threw.add(each)) {
          LOG.error("What has taken too long could not be ended", e);
        }
      }
    }
    threw.retainAll(watched);
  }

  /** Returns the milliseconds that the loop has run, up to the last sweep. */
  public long now() {
    return clock.millis();
  }

  /** Returns the same as {@link LoopClock#wasStopped} for now. */
  public boolean wasStopped() {
    return clock.wasStopped(System.nanoTime());
  }

  public void watch(Limited each) {
    watched.add(each);
  }

  public void unwatch(Limited each) {
    watched.remove(each);
  }
}
