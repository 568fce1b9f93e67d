package com.mcpist.origin.mcp;

import com.mcpist.origin.auth.RefusedException;

/** How much each user may call, in this process. */
@FunctionalInterface
public interface Admission {
  /** What a call that is not counted goes by. */
  Pass FREE = () -> {};

  /** A call that has been let in, until it is closed. */
  @FunctionalInterface
  interface Pass extends AutoCloseable {
    @Override
    void close();
  }

  /** Everybody, as much as they like. */
  static Admission unlimited() {
    return (user, attempt, calls) -> FREE;
  }

  /**
   * Lets a request in, which is one at once until its pass is closed. Blocks for less than a
   * second.
   *
   * @param attempt the edge's first ones may be refused. Later ones are counted and never refused:
   *     the call was let in already, and an origin has failed it
   * @param calls how many of the minute's it is: 0 for a stream on which nothing is run
   * @throws RefusedException when the user has called too much
   */
  Pass enter(String user, int attempt, int calls) throws RefusedException;
}
