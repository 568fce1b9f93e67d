package com.mcpist.e2e.history;

/** A kind of schedule. Each leads to a situation that faults at random times seldom make. */
enum Family {
  /** Faults of all kinds at random times, and calls of all tools. */
  MIXED(34),
  /** Clients leave while the call runs, and send it again. */
  LEFT(14),
  /** A notice of an undelivered call comes to an origin that has just started. */
  NOTICE_AT_START(8),
  /** A notice of an undelivered call comes to an older release, which lacks the tool. */
  NOTICE_AT_OLDER(6),
  /** An origin stops between its claim of a call and the call, and goes on later. */
  SLEEPER(8),
  /** An origin stops in the middle of a transaction. */
  LOCKED(8),
  /** A call ends each process that it is sent to. */
  DEADLY(8),
  /** The edges are killed. */
  EDGE_KILLED(4),
  /**
   * The wall clock of an origin or of the Java edge is wrong, or jumps, beside the faults of {@link
   * #MIXED}. The Worker keeps the machine's clock, because workerd does not start with libfaketime.
   */
  CLOCKS(10);

  /** Of 100 seeds, about so many. */
  final int weight;

  Family(int weight) {
    this.weight = weight;
  }
}
