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
    return (user, attempt) -> FREE;
  }

  /**
   * Lets a call in. Blocks for some seconds at most.
   *
   * @param attempt 1 for a call's first one. Later ones are counted and never refused: the call was
   *     let in already, and an origin has failed it
   * @throws RefusedException when the user has called too much
   */
  Pass enter(String user, int attempt) throws RefusedException;
}
