package com.mcpist.edge.pool;

/** What is known of an origin, whether or not it is drained. */
public enum Health {
  /** May be given calls. */
  HEALTHY,
  /** Gets no new calls while another origin is healthy; probed at short intervals. */
  SUSPECT,
  /** Failed as many probes in a row as it takes. */
  UNHEALTHY
}
