package com.mcpist.origin.mount.client;

/**
 * How a mounted server is. The problem is that of a FAILED one; pid and resident bytes, of the
 * whole process tree, are 0 where there is no process of ours; restarts are all starts but the
 * first.
 */
public record Status(State state, String problem, long pid, long residentBytes, int restarts) {
  /** FAILED: it did not start, or ended; it is started again at the next need. */
  public enum State {
    IDLE,
    STARTING,
    RUNNING,
    FAILED
  }
}
