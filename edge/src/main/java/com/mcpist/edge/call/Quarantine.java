package com.mcpist.edge.call;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The calls under which one process after another died, and the users who repeat that: they are
 * held to one call at once for a while. Safe for all threads.
 */
public final class Quarantine {
  /** So many deaths are no accident. */
  static final int DEATHS = 2;

  private static final Logger LOG = LoggerFactory.getLogger(Quarantine.class);
  private static final Duration HOLD = Duration.ofMinutes(10);
  private static final int NEWEST = 20;
  private static final int LONGEST_NAME = 128;
  static final Runnable NOTHING = () -> {};

  private final InstantSource clock;
  private final Deque<Entry> newest = new ArrayDeque<>();
  private final Map<String, Instant> last = new HashMap<>();
  private final Map<String, Instant> heldUntil = new HashMap<>();
  private final Map<String, Object> busy = new HashMap<>();

  /** A call that is not sent again; {@code at}: ISO 8601. */
  public record Entry(String callId, String tool, String user, int bytes, String at) {}

  Quarantine(InstantSource clock) {
    this.clock = clock;
  }

  synchronized List<Entry> newest() {
    return List.copyOf(newest);
  }

  synchronized void add(String callId, String name, String user, int bytes) {
    String tool = name.substring(0, Math.min(name.length(), LONGEST_NAME));
    LOG.warn(
        "Call {} is not sent again, {} processes died under it: tool {}, user {}, {} bytes",
        callId,
        DEATHS,
        tool,
        user,
        bytes);
    Instant now = clock.instant();
    newest.addFirst(new Entry(callId, tool, user, bytes, now.toString()));
    if (newest.size() > NEWEST) {
      newest.removeLast();
    }
    last.values().removeIf(at -> at.plus(HOLD).isBefore(now));
    if (last.put(user, now) != null) {
      LOG.warn("User {} is held to one call at once for {} minutes", user, HOLD.toMinutes());
      heldUntil.put(user, now.plus(HOLD));
    }
  }

  /** Lets a call begin, and returns what to run at its end; null: its user has another one. */
  synchronized @Nullable Runnable begin(String user) {
    Instant until = heldUntil.get(user);
    if (until == null) {
      return NOTHING;
    }
    if (clock.instant().isAfter(until)) {
      heldUntil.remove(user);
      return NOTHING;
    }
    Object one = new Object();
    return busy.putIfAbsent(user, one) == null ? () -> ended(user, one) : null;
  }

  private synchronized void ended(String user, Object one) {
    busy.remove(user, one);
  }
}
