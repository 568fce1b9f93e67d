package com.mcpist.edge.event;

import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/**
 * Something that has happened, as origins take it.
 *
 * @param origin the origin that the event is about; null if it is about none
 * @param ended the end of the event; null if the event goes on, or does not last
 * @param data the event's data, whole numbers and texts; {@code end} says how an event that lasted
 *     has ended
 */
public record Event(
    UUID id,
    String kind,
    @Nullable String origin,
    String message,
    Instant at,
    @Nullable Instant ended,
    Map<String, Object> data) {
  static final String END = "end";
  static final String RECOVERED = "recovered";

  /** The end of an event whose origin was drained, so that nobody knows how the origin is. */
  static final String DRAINED = "drained";

  /** Returns an event that does not last. */
  static Event of(String kind, String origin, Instant at) {
    String message = origin + " is " + kind + "ed";
    return new Event(UUID.randomUUID(), kind, origin, message, at, null, Map.of());
  }

  byte[] json() {
    Map<String, @Nullable Object> fields = new HashMap<>();
    fields.put("kind", kind);
    fields.put("origin", origin);
    fields.put("message", message);
    fields.put("at", at.toString());
    fields.put("ended", ended == null ? null : ended.toString());
    fields.put("data", data);
    return JsonMapper.shared().writeValueAsBytes(fields);
  }
}
