package com.mcpist.cli;

/** How much of a list is shown. */
final class ListLimit {
  /** The most that one may ask for. */
  static final int MOST = 100_000;

  private ListLimit() {}

  static void check(int limit) throws Failure {
    if (limit < 1 || limit > MOST) {
      throw Failure.usage("--limit must be 1 to " + MOST + ", not " + limit);
    }
  }

  /** How to see what is not shown. */
  static String rest(long total) {
    return total <= MOST
        ? "--limit " + total + " shows all."
        : "--limit " + MOST + " shows as many as can be shown.";
  }
}
