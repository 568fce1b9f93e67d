package com.mcpist.pair.rollout;

import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/** Who is being changed: one change of an origin at a time, those of two side by side. */
public final class Turns {
  private final ConcurrentMap<String, String> taken = new ConcurrentHashMap<>();

  /**
   * Takes an origin's turn.
   *
   * @param what is done with it, as {@code being restarted}
   * @return what else is done with it already: then this has no turn
   */
  public Optional<String> take(String origin, String what) {
    return Optional.ofNullable(taken.putIfAbsent(origin, what));
  }

  /** What is done with an origin. */
  public Optional<String> taken(String origin) {
    return Optional.ofNullable(taken.get(origin));
  }

  /** Gives the turn back. */
  public void giveBack(String origin) {
    taken.remove(origin);
  }
}
