package com.mcpist.deploy.plan;

import java.util.Locale;

/** How a release is brought out. */
public enum Strategy {
  /** On all origins at the same time. */
  SIMULTANEOUS,
  /**
   * From the last origin to the first, each once the one before is verified: the primary is left
   * alone when the standby shows that the release is bad.
   */
  STANDBY_FIRST;

  /** As it is written on the command line. */
  public String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
