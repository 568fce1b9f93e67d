package com.mcpist.edge.pool;

import org.jspecify.annotations.Nullable;

/** What an observation changed, for those who act on it: logs, waiters, calls in flight. */
public sealed interface Change {
  /** An origin's state, as shown, is another. */
  record StatusChanged(String origin, Status from, Status to, String why) implements Change {}

  /** New calls go to another origin; null: to none in particular. */
  record ActiveChanged(@Nullable String from, @Nullable String to) implements Change {}

  /** The calls in flight at this origin are to be given up: others can do them. */
  record GivenUp(String origin, String why) implements Change {}
}
