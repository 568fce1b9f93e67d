package com.mcpist.edge.proxy;

/** Why an attempt failed, as far as an edge can tell. */
public enum Failure {
  /** No connection could be made: nothing was delivered. */
  REFUSED,
  /** The connection was reset or closed before the response was whole. */
  RESET,
  /** No byte came within the call's idle limit. */
  SILENT,
  /** The origin's heartbeat stopped, so its calls in flight were given up. */
  HEARTBEAT_LOST,
  /** The origin answered with a 5xx. */
  SERVER_ERROR,
  /**
   * The origin had no room for the call, or knows another gateway secret, and has not run it: that
   * says nothing of its health.
   */
  NOT_RUN;
}
