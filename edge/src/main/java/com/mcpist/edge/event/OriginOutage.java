package com.mcpist.edge.event;

import com.mcpist.edge.pool.PoolState;
import com.mcpist.edge.pool.PoolState.Health;
import com.mcpist.edge.pool.PoolState.OriginState;
import com.mcpist.edge.pool.PoolState.Outage;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The time in which an origin is not healthy, unless it is drained.
 *
 * @param cause the reason why the origin is not healthy; null if it is only suspect so far, which
 *     most often ends at once and is not told
 */
record OriginOutage(UUID id, String origin, Instant at, @Nullable String cause) {

  /** Returns the present outages, by their origins' names. */
  static Map<String, OriginOutage> of(
      PoolState pool, Map<String, OriginOutage> before, Instant now) {
    Map<String, OriginOutage> outages = new HashMap<>();
    for (OriginState origin : pool.origins()) {
      if (!origin.drained() && origin.health() != Health.HEALTHY) {
        OriginOutage known = before.get(origin.name());
        outages.put(
            origin.name(),
            (known == null ? new OriginOutage(UUID.randomUUID(), origin.name(), now, null) : known)
                .with(origin));
      }
    }
    return outages;
  }

  private OriginOutage with(OriginState is) {
    boolean certain = is.health() == Health.UNHEALTHY || is.outage() == Outage.SILENCE;
    return cause == null && certain ? new OriginOutage(id, origin, at, Failover.cause(is)) : this;
  }

  boolean isTold() {
    return cause != null;
  }

  /** Returns the event while the outage goes on. */
  Event event() {
    return event(String.valueOf(cause), Map.of("cause", String.valueOf(cause)), null);
  }

  /** Returns the event of the end, now that the origin is healthy again, or drained. */
  Event end(Instant now, boolean drained) {
    String back = "back after " + Failover.seconds(Duration.between(at, now));
    String end = drained ? Event.DRAINED : Event.RECOVERED;
    return event(
        drained ? "drained" : back, Map.of("cause", String.valueOf(cause), Event.END, end), now);
  }

  private Event event(String message, Map<String, Object> data, @Nullable Instant ended) {
    return new Event(id, "outage", origin, message, at, ended, data);
  }
}
