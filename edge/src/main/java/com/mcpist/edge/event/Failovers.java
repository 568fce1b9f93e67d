package com.mcpist.edge.event;

import com.mcpist.edge.pool.PoolState;
import com.mcpist.edge.pool.PoolState.OriginState;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What of the pool's changes is an event: a failover, with what calls had of it; that an origin is
 * drained, and undrained. Safe for all threads.
 */
public final class Failovers {
  private final InstantSource clock;
  private final Consumer<Event> events;
  private final AtomicReference<Seen> seen = new AtomicReference<>(Seen.NOTHING);

  /** {@code clock}: of the events' times. */
  public Failovers(InstantSource clock, Consumer<Event> events) {
    this.clock = clock;
    this.events = events;
  }

  /** The pool may have changed; the first look only tells how it begins. */
  public void look(Supplier<PoolState> pool) {
    Instant now = clock.instant();
    Seen before;
    Seen after;
    do {
      before = seen.get();
      after = before.after(pool.get(), now);
    } while (!seen.compareAndSet(before, after));
    before.changes(after, now).forEach(events);
  }

  /** A call has been answered, so long after it came. */
  public void answered(boolean failed, int attempts, long waitedMillis) {
    if (seen.get().failover() != null && (failed || attempts > 1)) {
      seen.updateAndGet(now -> now.answered(attempts > 1, waitedMillis, failed));
    }
  }

  /** Tells of a failover that goes on once more: so it is known that its edge lives. */
  public void tellAgain() {
    Failover failover = seen.get().failover();
    if (failover != null) {
      events.accept(failover.event(clock.instant(), false));
    }
  }

  /** Nothing is seen any more. */
  public void close() {
    Failover failover = seen.getAndSet(Seen.NOTHING).failover();
    if (failover != null) {
      events.accept(failover.event(clock.instant(), true));
    }
  }

  /** {@code pool}: null before the first look. */
  private record Seen(@Nullable PoolState pool, @Nullable Failover failover) {
    static final Seen NOTHING = new Seen(null, null);

    Seen after(PoolState now, Instant at) {
      if (failover != null) {
        return new Seen(now, failover.isOver(now) ? null : failover.servedBy(now.active(), at));
      }
      String before = pool == null ? null : pool.active();
      return new Seen(
          now,
          before == null || before.equals(now.active())
              ? null
              : Failover.begin(now.origin(before), now.active(), at));
    }

    Seen answered(boolean replayed, long waitedMillis, boolean failed) {
      return failover == null
          ? this
          : new Seen(pool, failover.answered(replayed, waitedMillis, failed));
    }

    List<Event> changes(Seen after, Instant at) {
      List<Event> changes = new ArrayList<>();
      if (pool != null && after.pool != null) {
        for (OriginState is : after.pool.origins()) {
          if (is.drained() != pool.origin(is.name()).drained()) {
            changes.add(Event.of(is.drained() ? "drain" : "undrain", is.name(), at));
          }
        }
      }
      if (failover == null && after.failover != null) {
        changes.add(after.failover.event(at, false));
      } else if (failover != null && after.failover == null) {
        changes.add(failover.event(at, true));
      }
      return changes;
    }
  }
}
