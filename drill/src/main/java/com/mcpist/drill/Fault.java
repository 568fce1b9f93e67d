package com.mcpist.drill;

import module java.base;

/** A way in which a pair is broken on purpose. */
public enum Fault {
  /** The process of the origin that serves is killed (SIGKILL). */
  KILL,
  /** That process is stopped (SIGSTOP), and goes on some seconds later. */
  HANG,
  /** Nothing passes between the edge and the origin that serves, for some seconds. */
  PARTITION,
  /** Nothing passes between the origin that serves and the database, for some seconds. */
  PARTITION_DATABASE,
  /**
   * The connections between the edge and the origin that serves are reset: all of them at once, and
   * in every second round in the middle of their next responses.
   */
  RESET,
  /** PostgreSQL is killed, and in every second round stopped; the pair starts it again. */
  DATABASE,
  /** The database only reads, for some seconds, as one that another has taken over from. */
  READ_ONLY,
  /** Somebody else cancels the statements of both origins, for some seconds. */
  CANCEL,
  /** Somebody else locks the table of memories, for some seconds. */
  LOCK;

  /** Whether only a throw-away pair is broken so: it needs links, or a kill would leave it so. */
  public boolean needsThrowAway() {
    return this != KILL && this != HANG && this != DATABASE;
  }

  boolean lasting() {
    return this != KILL && this != DATABASE && this != RESET;
  }

  /** Whether it hits more than the origin that serves, or leaves that one able to serve. */
  boolean leavesOrigins() {
    return this == RESET || ofBoth();
  }

  /** Whether it is of the database, so that no other origin can take over. */
  boolean ofBoth() {
    return this == DATABASE || this == READ_ONLY || this == CANCEL || this == LOCK;
  }

  /** The name on the command line and in JSON: {@code partition-database}. */
  public String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  public static List<String> labels() {
    return Arrays.stream(values()).map(Fault::label).toList();
  }

  public static Optional<Fault> of(String label) {
    return Arrays.stream(values()).filter(fault -> fault.label().equals(label)).findFirst();
  }

  /** The drill may not break what it was asked to break. The message is one plain line. */
  public static final class RefusedException extends Exception {
    RefusedException(String message) {
      super(message);
    }
  }
}
