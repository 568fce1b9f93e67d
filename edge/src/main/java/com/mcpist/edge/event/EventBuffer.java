package com.mcpist.edge.event;

import java.time.Instant;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The events that no origin keeps yet. If there are too many, the oldest gives way, and an event
 * says how many have given way. Safe for all threads.
 */
final class EventBuffer {
  static final int MOST = 200;

  private final Map<UUID, Event> untold = new LinkedHashMap<>();
  private @Nullable Lost lost;

  private record Lost(UUID id, int count, Instant at) {
    Event event() {
      String message = count + " events were not kept: no origin took them in time";
      return new Event(id, "lost", null, message, at, null, Map.of("count", count));
    }
  }

  /** Adds an event, or the news of an event that is there already. */
  synchronized void add(Event event) {
    untold.merge(
        event.id(),
        event,
        (known, newer) -> known.ended() != null && newer.ended() == null ? known : newer);
    if (untold.size() > MOST) {
      Iterator<Event> all = untold.values().iterator();
      Event oldest = all.next();
      all.remove();
      Lost before = lost;
      lost =
          before == null
              ? new Lost(UUID.randomUUID(), 1, oldest.at())
              : new Lost(before.id(), before.count() + 1, before.at());
    }
  }

  /** Returns the oldest event; at the end, the event that says how many have given way. */
  synchronized Optional<Event> next() {
    return untold.values().stream()
        .findFirst()
        .or(() -> Optional.ofNullable(lost).map(Lost::event));
  }

  /** Notes that an origin keeps the event, or will not take it. */
  synchronized void told(Event event) {
    untold.remove(event.id(), event);
    if (lost != null && lost.event().equals(event)) {
      lost = null;
    }
  }
}
