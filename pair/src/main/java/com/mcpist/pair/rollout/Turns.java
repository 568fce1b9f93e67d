package com.mcpist.pair.rollout;

import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Who is being changed: one change of an origin at a time, those of two side by side, unless both
 * would be away.
 */
public final class Turns {
  private final Map<String, Turn> taken = new TreeMap<>();

  /** What is done with an origin. */
  private record Turn(String what, boolean away) {}

  /**
   * Takes an origin's turn.
   *
   * @param what is done with it, as {@code being restarted}
   * @param away whether it does not serve meanwhile
   * @return what it is instead, as {@code being rolled out}, where it has to stay: then this has no
   *     turn
   */
  public synchronized Optional<String> take(String origin, String what, boolean away) {
    Optional<String> stays = away ? needed(origin) : taken(origin);
    if (stays.isEmpty()) {
      taken.put(origin, new Turn(what, away));
    }
    return stays;
  }

  /** What is done with an origin. */
  public synchronized Optional<String> taken(String origin) {
    return Optional.ofNullable(taken.get(origin)).map(Turn::what);
  }

  /** Why an origin may not be taken out now: what is done with it, or with one that is away. */
  public synchronized Optional<String> needed(String origin) {
    return taken(origin)
        .or(
            () ->
                taken.entrySet().stream()
                    .filter(other -> other.getValue().away())
                    .map(o -> "needed while " + o.getKey() + " is " + o.getValue().what())
                    .findFirst());
  }

  /** Gives the turn back. */
  public synchronized void giveBack(String origin) {
    taken.remove(origin);
  }
}
