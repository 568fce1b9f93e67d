package com.mcpist.edge.pool;

/**
 * Why an origin is not healthy, which decides how long it must be well before it is preferred
 * again.
 */
public enum Outage {
  /** It is healthy. */
  NONE,
  /** It has not been healthy since the edge started: no hold-down. */
  STARTING,
  /** Only its heartbeat stopped, which may be a false alarm: the base hold-down, and no growth. */
  SILENCE,
  /** It said that it stops, or is drained: the base hold-down, and no growth. */
  LEAVING,
  /** A real failure: the hold-down grows. */
  FAILURE
}
