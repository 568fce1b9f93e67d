package com.mcpist.deploy.verify;

/**
 * What a check has come to.
 *
 * @param subject what was looked at: an origin's name, "edge", or "all"
 * @param expected what should be
 * @param seen what was
 * @param advice what to do where it failed; else empty
 */
public record Finding(
    Check check, String subject, boolean passed, String expected, String seen, String advice) {

  static Finding of(
      Check check, String subject, boolean passed, String expected, String seen, String advice) {
    return new Finding(check, subject, passed, expected, seen, passed ? "" : advice);
  }

  /** Whether it is about the way clients come, and not about an origin. */
  public boolean atEntrance() {
    return subject.equals(Entrance.NAME);
  }

  /** What was wrong, in a line. */
  public String told() {
    return subject + ": " + check.title() + ": expected " + expected + ", seen " + seen;
  }
}
