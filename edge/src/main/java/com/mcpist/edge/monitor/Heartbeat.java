package com.mcpist.edge.monitor;

import java.util.Collection;
import java.util.Optional;

/**
 * What was heard of one origin's heartbeat. Times are milliseconds for which the edge's own loop
 * ran, so that one that was stopped or starved hears no silence in it.
 *
 * @param kind whether there is a heartbeat to miss
 * @param tickAt the last tick
 * @param goodAt the last tick that had a database
 * @param badSince the first tick of those without a database, up to the last tick; -1: the last
 *     tick had one
 */
record Heartbeat(Kind kind, long tickAt, long goodAt, long badSince) {
  /** Ticks come every 250 ms; four missed ones are silence. */
  static final long SILENCE_MILLIS = 1_000;

  /** An origin whose last tick is younger proves that the edge hears. */
  private static final long WITNESS_MILLIS = 500;

  enum Kind {
    UNKNOWN,
    /** The origin has no heartbeat: not one of MCPist's own. */
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

  /** Whether its last tick, if any is expected, was a good one after {@code then}. */
  boolean wellSince(long then) {
    return kind == Kind.ABSENT || (kind == Kind.PRESENT && badSince < 0 && tickAt > then);
  }

  boolean stale(long now) {
    return kind == Kind.PRESENT && now - tickAt >= SILENCE_MILLIS;
  }

  /**
   * Why it counts as silent. It does so only with a witness: when nobody ticks, or nobody has a
   * database, the fault is not this origin's. An origin without a heartbeat is taken as a witness,
   * because the pool asks anyway that it is healthy.
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
