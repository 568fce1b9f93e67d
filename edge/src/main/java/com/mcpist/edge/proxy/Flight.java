package com.mcpist.edge.proxy;

/** A call in flight at the process that an origin was when the attempt began. */
public interface Flight {
  /** The attempt is over; may be called more than once. */
  void over();

  /**
   * Whether another process has taken that one's place since. What becomes of the call then says
   * nothing of the one that is there now.
   */
  boolean replaced();
}
