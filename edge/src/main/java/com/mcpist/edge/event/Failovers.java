package com.mcpist.edge.event;

import com.mcpist.edge.pool.PoolState;
import com.mcpist.edge.pool.PoolState.OriginState;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Makes events of the pool's changes: a failover, with its effects on calls; an origin's outage;
 * that an origin is drained, and undrained. Safe for all threads.
 */
public final class Failovers {
  private final InstantSource clock;
  private final Consumer<Event> events;
  private final AtomicReference<Seen> seen = new AtomicReference<>(Seen.NOTHING);
  private volatile boolean closed;

  /** Creates the failovers of a pool. {@code clock} gives the events' times. */
  public Failovers(InstantSource clock, Consumer<Event> events) {
    this.clock = clock;
    this.events = events;
  }

  /** Looks at the pool, which may have changed. The first look only tells how the pool begins. */
  public void look(Supplier<PoolState> pool) {
    if (closed) {
      return;
    }
    Instant now = clock.instant();
    Seen before;
    Seen after;
    do {
      before = seen.get();
      after = before.after(pool.get(), now);
    } while (!seen.compareAndSet(before, after));
    before.changes(after, now).forEach(events);
  }

  /** Notes that a call has been answered, and how long after it came. */
  public void answered(boolean failed, int attempts, long waitedMillis) {
    if (seen.get().failover() != null && (failed || attempts > 1)) {
      seen.updateAndGet(now -> now.answered(attempts > 1, waitedMillis, failed));
    }
  }

  /** Returns the time since which the origin that has the calls has them; null if none has them. */
  public @Nullable Instant activeSince() {
    return seen.get().activeSince();
  }

  /**
   * Tells once more of the failovers and outages that go on, so that it is known that this edge
   * lives.
   */
  public void tellAgain() {
    if (!closed) {
      seen.get().goingOn(clock.instant()).forEach(events);
    }
  }

  /**
   * Stops looking, after telling once more of the failovers and outages that go on. They get no end
   * here, since this edge will not see it.
   */
  public void close() {
    tellAgain();
    closed = true;
  }

  /** The pool as it was last seen. {@code pool} is null before the first look. */
  private record Seen(
      @Nullable PoolState pool,
      @Nullable Failover failover,
      @Nullable Instant activeSince,
      Map<String, OriginOutage> outages) {
    static final Seen NOTHING = new Seen(null, null, null, Map.of());

    Seen after(PoolState now, Instant at) {
      String before = pool == null ? null : pool.active();
      boolean same = Objects.equals(before, now.active());
      Failover next;
      if (failover != null) {
        next = failover.isOver(now) ? null : failover.servedBy(now.active(), at);
      } else {
        next = before == null || same ? null : Failover.begin(now.origin(before), now.active(), at);
      }
      Instant since = now.active() == null ? null : same ? activeSince : at;
      return new Seen(now, next, since, OriginOutage.of(now, outages, at));
    }

    Seen answered(boolean replayed, long waitedMillis, boolean failed) {
      return failover == null
          ? this
          : new Seen(pool, failover.answered(replayed, waitedMillis, failed), activeSince, outages);
    }

    List<Event> goingOn(Instant now) {
      List<Event> events = new ArrayList<>();
      if (failover != null) {
        events.add(failover.event(now));
      }
      outages.values().stream()
          .filter(OriginOutage::isTold)
          .forEach(each -> events.add(each.event()));
      return events;
    }

    List<Event> changes(Seen after, Instant at) {
      List<Event> changes = new ArrayList<>();
      if (pool == null || after.pool == null) {
        return changes;
      }
      for (OriginState is : after.pool.origins()) {
        if (is.drained() != pool.origin(is.name()).drained()) {
          changes.add(Event.of(is.drained() ? "drain" : "undrain", is.name(), at));
        }
        OriginOutage was = outages.get(is.name());
        OriginOutage goesOn = after.outages.get(is.name());
        if (was != null && was.isTold()) {
          if (goesOn == null) {
            changes.add(was.end(at, is.drained()));
          }
        } else if (goesOn != null && goesOn.isTold()) {
          changes.add(goesOn.event());
        }
      }
      if (failover == null && after.failover != null) {
        changes.add(after.failover.event(at));
      } else if (failover != null && after.failover == null) {
        changes.add(failover.end(at, after.pool.origin(failover.from()).drained()));
      }
      return changes;
    }
  }
}
