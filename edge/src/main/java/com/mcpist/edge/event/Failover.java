package com.mcpist.edge.event;

import com.mcpist.edge.pool.PoolState;
import com.mcpist.edge.pool.PoolState.Health;
import com.mcpist.edge.pool.PoolState.OriginState;
import com.mcpist.edge.pool.PoolState.OriginState.LastFailure;
import com.mcpist.edge.pool.PoolState.Outage;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The time in which calls go elsewhere because the origin that had them failed. It ends when that
 * origin, or one that is preferred to it, has the calls again, or when an operator drains that
 * origin.
 *
 * @param to the origin that has the calls now, or had them last; null if none has had them yet
 * @param noneSince the time since which no origin is healthy; null if one is
 * @param none the time for which no origin was healthy before that
 * @param replayed the number of calls that needed more than one attempt
 * @param longestWaitMillis the longest time in milliseconds from such a call to its answer
 */
record Failover(
    UUID id,
    String from,
    @Nullable String to,
    String cause,
    Instant at,
    @Nullable Instant noneSince,
    Duration none,
    int replayed,
    long longestWaitMillis,
    int failed) {

  /**
   * Returns the failover that begins; null if none begins, since that origin is healthy, or was
   * drained.
   */
  static @Nullable Failover begin(OriginState origin, @Nullable String to, Instant at) {
    if (origin.drained() || origin.health() == Health.HEALTHY) {
      return null;
    }
    Instant noneSince = to == null ? at : null;
    return new Failover(
        UUID.randomUUID(), origin.name(), to, cause(origin), at, noneSince, Duration.ZERO, 0, 0, 0);
  }

  /** Returns why an origin is not healthy. */
  static String cause(OriginState origin) {
    LastFailure last = origin.lastFailure();
    return origin.outage() == Outage.LEAVING || last == null ? "it stops" : last.reason();
  }

  boolean isOver(PoolState now) {
    List<String> names = now.origins().stream().map(OriginState::name).toList();
    String active = now.active();
    return now.origin(from).drained()
        || (active != null && names.indexOf(active) <= names.indexOf(from));
  }

  Failover servedBy(@Nullable String active, Instant now) {
    if (active == null) {
      return with(to, noneSince == null ? now : noneSince, none);
    }
    return with(active, null, none(now));
  }

  private Failover with(@Nullable String serving, @Nullable Instant since, Duration before) {
    return new Failover(
        id, from, serving, cause, at, since, before, replayed, longestWaitMillis, failed);
  }

  Failover answered(boolean replay, long waitedMillis, boolean failure) {
    return new Failover(
        id,
        from,
        to,
        cause,
        at,
        noneSince,
        none,
        replayed + (replay ? 1 : 0),
        replay ? Math.max(waitedMillis, longestWaitMillis) : longestWaitMillis,
        failed + (failure ? 1 : 0));
  }

  private Duration none(Instant now) {
    return noneSince == null ? none : none.plus(Duration.between(noneSince, now));
  }

  /** Returns the event while the failover goes on. */
  Event event(Instant now) {
    return event(noneSince == null ? to + " serves" : "no origin serves", data(now), null);
  }

  /**
   * Returns the event of the end, now that the failover is over. A drain can be the reason of the
   * end.
   */
  Event end(Instant now, boolean drained) {
    Map<String, Object> data = data(now);
    data.put(Event.END, drained ? Event.DRAINED : Event.RECOVERED);
    return event(drained ? "drained" : served(now), data, now);
  }

  private Event event(String message, Map<String, Object> data, @Nullable Instant ended) {
    return new Event(id, "failover", from, message, at, ended, data);
  }

  private Map<String, Object> data(Instant now) {
    Map<String, Object> data = new HashMap<>();
    data.put("cause", cause);
    data.put("from", from);
    if (to != null) {
      data.put("to", to);
    }
    data.put("replayed", replayed);
    data.put("longestWaitMillis", longestWaitMillis);
    data.put("failed", failed);
    data.put("noneMillis", none(now).toMillis());
    return data;
  }

  private String served(Instant now) {
    Duration without = none(now);
    String served =
        to == null
            ? "no origin served for " + seconds(without)
            : to + " served " + seconds(Duration.between(at, now).minus(without));
    String gap = to == null || without.isZero() ? "" : ", none " + seconds(without);
    return "%s%s, %d calls replayed, longest wait %s, %d failed"
        .formatted(served, gap, replayed, seconds(Duration.ofMillis(longestWaitMillis)), failed);
  }

  static String seconds(Duration time) {
    String form = time.toSeconds() < 10 ? "%.1f s" : "%.0f s";
    return String.format(Locale.ROOT, form, time.toMillis() / 1000.0).replace(".0 s", " s");
  }
}
