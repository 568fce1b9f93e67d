package com.mcpist.edge.proxy;

/** Something with a limit on time. One sweep over all costs less than a timer for each. */
interface Watched {
  /**
   * Ends what has taken too long.
   *
   * @param now the loop's milliseconds
   */
  void check(long now);
}
