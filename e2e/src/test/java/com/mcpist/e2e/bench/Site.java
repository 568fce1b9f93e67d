package com.mcpist.e2e.bench;

import java.io.IOException;

/** Two origins behind an edge, as faults see them. An origin has the name that the edge tells. */
interface Site {

  /** Where clients connect, on loopback. */
  int port();

  /** The origin that serves when all is well. */
  String primary();

  /**
   * SIGKILL; whoever keeps the site starts it again.
   *
   * @return false when no such origin runs at the moment, and nothing was done
   */
  boolean kill(String origin) throws IOException;

  /** SIGSTOP or SIGCONT, by its name without SIG, to an origin that runs. */
  void signal(String origin, String name) throws IOException;
}
