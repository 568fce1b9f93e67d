package com.mcpist.edge.pool;

/** Why an attempt failed, as far as an edge can tell. */
public enum Failure {
  /** No connection could be made: nothing was delivered. */
  REFUSED("a call was refused"),
  /** The connection was reset or closed before the response was whole. */
  RESET("a call was cut off"),
  /** No byte came within the call's idle limit. */
  SILENT("a call got no byte in time"),
  /** The origin answered with a 5xx. */
  SERVER_ERROR("a call was answered with a server error"),
  /** The origin's heartbeat stopped, which may be a false alarm, and which the pool knows. */
  HEARTBEAT_LOST(""),
  /** The origin had no room for the call, or knows another gateway secret, and has not run it. */
  NOT_RUN(""),
  /** A kept connection was closed just when it was used. */
  STALE(""),
  /** The process that was there when the attempt began has been replaced. */
  REPLACED("");

  private final String sentence;

  Failure(String sentence) {
    this.sentence = sentence;
  }

  /** What happened, where it is a sign of the origin's health; else empty. */
  public String sentence() {
    return sentence;
  }

  /** Whether the origin may be tried again at once, on a connection of its own. */
  public boolean isOfThePast() {
    return this == STALE || this == REPLACED;
  }
}
