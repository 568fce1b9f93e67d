package com.mcpist.cli;

import java.util.regex.Pattern;

/** What plans are called. */
final class PlanNames {
  private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9_-]{0,62}");

  private PlanNames() {}

  /**
   * Of a plan.
   *
   * @param what how the message calls the argument
   */
  static void check(String what, String name) throws Failure {
    if (!NAME.matcher(name).matches()) {
      throw Failure.usage(
          what
              + " must be 1 to 63 lower-case letters, digits, hyphens and underscores, not "
              + name);
    }
  }
}
