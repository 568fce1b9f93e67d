package com.mcpist.edge.pool;

import java.util.Locale;

/** An origin's state as it is shown. */
public enum Status {
  HEALTHY,
  SUSPECT,
  UNHEALTHY,
  /** Taken out by an operator. */
  DRAINED;

  /** The name in JSON and in the contract's vectors, as {@code healthy}. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
