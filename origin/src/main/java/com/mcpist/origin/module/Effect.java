package com.mcpist.origin.module;

/** What running a tool changes; it decides how a call survives the death of its origin. */
public enum Effect {
  /** Changes nothing: runs in a READ ONLY transaction, and is simply run again. */
  READS,
  /** Changes the database only: runs in the transaction that also records the call. */
  WRITES_DATABASE,
  /**
   * Changes something outside that must not happen twice: the call is claimed before it acts, and
   * is never run again.
   */
  ACTS_OUTSIDE,
  /** Changes something outside that takes the call's id as its idempotency key: is run again. */
  ACTS_OUTSIDE_IDEMPOTENTLY;
}
