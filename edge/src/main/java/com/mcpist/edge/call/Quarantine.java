package com.mcpist.edge.call;

import com.mcpist.edge.gate.auth.Verdict.Caller;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.WeakHashMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The calls under which one process after another died. A user who repeats such calls is held to
 * one call at once for a while. Safe for all threads.
 */
public final class Quarantine {
  /** The number of deaths under one call that cannot be an accident. */
  static final int DEATHS = 2;

  static final Runnable NOTHING = () -> {};
  private static final Logger LOG = LoggerFactory.getLogger(Quarantine.class);
  private static final Duration HOLD = Duration.ofMinutes(10);

  /**
   * The time within which two of a user's calls that end so may have been at the same two
   * processes.
   */
  private static final Duration INCIDENT = Duration.ofSeconds(5);

  private static final int NEWEST = 20;
  private static final int LONGEST_NAME = 128;

  private final InstantSource clock;
  private final Map<String, Object> busy = new ConcurrentHashMap<>();

  /** The number of calls that broke off at each process after they had broken off at another. */
  private final Map<Object, Integer> cutAgain = Collections.synchronizedMap(new WeakHashMap<>());

  private volatile List<Entry> newest = List.of();

  /** A call that is not sent again. */
  public record Entry(String callId, String tool, String user, int bytes, Instant at) {}

  Quarantine(InstantSource clock) {
    this.clock = clock;
  }

  /** Notes that a call was broken off at this process, and at another process before. */
  void cutAgain(Object process) {
    cutAgain.merge(process, 1, Integer::sum);
  }

  /**
   * Returns true if a call is sent to no other process after these have died under it. If several
   * calls were at the last two processes, another call may have killed both, so a third death
   * decides.
   */
  boolean deadly(List<Object> died) {
    return died.size() > DEATHS
        || (died.size() == DEATHS && cutAgain.getOrDefault(died.getLast(), 0) <= 1);
  }

  List<Entry> newest() {
    return newest;
  }

  /** Records a call that is not sent again. Returns true if its user is held from now on. */
  synchronized boolean add(String callId, String name, String user, int bytes) {
    String tool = name.substring(0, Math.min(name.length(), LONGEST_NAME));
    Entry entry = new Entry(callId, tool, user, bytes, clock.instant());
    newest = Stream.concat(Stream.of(entry), newest.stream()).limit(NEWEST).toList();
    boolean held = held(user);
    String told = held ? "; its user is held to one call at once" : "";
    LOG.warn("Call {}: processes died under it, not sent again: {}{}", callId, entry, told);
    return held;
  }

  /**
   * Lets a call begin. Returns what to run at the call's end; null if the user is held and has
   * another call.
   */
  @Nullable Runnable begin(String user) {
    if (!held(user)) {
      return NOTHING;
    }
    Object one = new Object();
    return busy.putIfAbsent(user, one) == null ? () -> busy.remove(user, one) : null;
  }

  private boolean held(String user) {
    if (user.equals(Caller.LOCAL.userId())) {
      // Without authentication, this user is everybody.
      return false;
    }
    List<Instant> times =
        newest.stream().filter(e -> e.user().equals(user)).map(Entry::at).toList();
    if (times.isEmpty() || times.getFirst().plus(HOLD).isBefore(clock.instant())) {
      return false;
    }
    Instant last = times.getFirst();
    return times.stream()
        .anyMatch(at -> !at.plus(HOLD).isBefore(last) && !at.plus(INCIDENT).isAfter(last));
  }
}
