package com.mcpist.edge.monitor;

import java.util.Collection;
import java.util.Optional;

/**
 * The state of one origin's heartbeat as the edge has heard it. Times are milliseconds for which
 * the edge's own loop ran, so that a loop that was stopped or starved does not take that time for a
 * silence.
 *
 * @param kind whether there is a heartbeat to miss
 * @param tickAt the time of the last tick
 * @param goodAt the time of the last tick that had a database
 * @param badSince the time of the first tick of those without a database, up to the last tick; -1
 *     if the last tick had a database
 */
record Heartbeat(Kind kind, long tickAt, long goodAt, long badSince) {
  /**
   * The time in milliseconds after which an origin is silent. Ticks come every 250 ms, so this is
   * the time of four ticks.
   */
  static final long SILENCE_MILLIS = 1_000;

  /**
   * The age in milliseconds of an origin's last tick up to which that tick proves that the edge
   * hears.
   */
  private static final long WITNESS_MILLIS = 500;

  enum Kind {
    UNKNOWN,
    /** The origin has no heartbeat, so it is not one of MCPist's own. */
    ABSENT,
    PRESENT
  }

  static final Heartbeat UNKNOWN = new Heartbeat(Kind.UNKNOWN, -1, -1, -1);
  static final Heartbeat ABSENT = new Heartbeat(Kind.ABSENT, -1, -1, -1);

  Heartbeat tick(long now, boolean database) {
    return database
        ? new Heartbeat(Kind.PRESENT, now, now, -1)
        : new Heartbeat(Kind.PRESENT, now, goodAt, badSince < 0 ? now : badSince);
  }

  /**
   * Returns true if the last tick, if any is expected, was a good one and came after {@code then}.
   */
  boolean wellSince(long then) {
    return kind == Kind.ABSENT || (kind == Kind.PRESENT && badSince < 0 && tickAt > then);
  }

  boolean stale(long now) {
    return kind == Kind.PRESENT && now - tickAt >= SILENCE_MILLIS;
  }

  /**
   * Returns why the origin counts as silent; empty if it does not. An origin counts as silent only
   * with a witness: when no origin ticks, or none has a database, the fault is not this origin's.
   * An origin without a heartbeat is taken as a witness, because the pool requires anyway that it
   * is healthy.
   */
  Optional<String> silence(Collection<Heartbeat> others, long now) {
    if (kind != Kind.PRESENT) {
      return Optional.empty();
    }
    if (stale(now) && others.stream().anyMatch(o -> o.witness(now))) {
      return Optional.of("no heartbeat for " + (now - tickAt) + " ms");
    }
    if (badSince >= 0
        && others.stream()
            .anyMatch(o -> o.witness(now) && (o.kind == Kind.ABSENT || o.goodAt > badSince))) {
      return Optional.of("its database does not answer");
    }
    return Optional.empty();
  }

  private boolean witness(long now) {
    return kind == Kind.ABSENT || (kind == Kind.PRESENT && now - tickAt <= WITNESS_MILLIS);
  }
}
