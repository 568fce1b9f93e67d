package com.mcpist.drill;

/** By what the memories of a drill are told from all others. */
final class Mark {
  static final String TAG = "mcpist-drill";
  static final String TEXT = "Saved by a drill, which takes it away at its end.";

  /** What every title of a drill is like, for PostgreSQL. */
  static final String TITLES = "^" + TAG + " [0-9a-f]{16} [0-9]+$";

  private Mark() {}

  /**
   * The title of a call.
   *
   * @param run 16 hexadecimal digits
   */
  static String title(String run, int number) {
    return TAG + " " + run + " " + number;
  }
}
