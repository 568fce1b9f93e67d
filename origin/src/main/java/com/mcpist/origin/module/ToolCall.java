package com.mcpist.origin.module;

import org.jdbi.v3.core.Handle;

/** A call while a tool works on it. */
public interface ToolCall extends Invocation {
  /**
   * The call's one database connection, in its one transaction: read-only for a tool that reads,
   * the transaction that also records the call for one that writes. Taken from the pool at the
   * first use. Neither commit nor close it.
   *
   * @throws IllegalStateException in a tool that acts outside, which has no transaction of its own
   */
  Handle database();
}
