package com.mcpist.drill;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

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
  DATABASE;

  /** Whether it is one of a link, which only a throw-away pair can be made to have. */
  public boolean onLinks() {
    return this == PARTITION || this == PARTITION_DATABASE || this == RESET;
  }

  /** Whether it lasts until it is mended. */
  boolean lasting() {
    return this == HANG || this == PARTITION || this == PARTITION_DATABASE;
  }

  /** Whether it leaves the origin that it hits able to serve. */
  boolean leavesOrigins() {
    return this == RESET || this == DATABASE;
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
    private static final long serialVersionUID = 1L;

    RefusedException(String message) {
      super(message);
    }
  }
}
