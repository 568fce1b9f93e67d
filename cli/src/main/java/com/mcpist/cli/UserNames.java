package com.mcpist.cli;

import java.util.regex.Pattern;

/** What users are called. */
final class UserNames {
  private static final Pattern USER = Pattern.compile("[!-~]{1,255}");

  /** What an edge calls the holder of a key whom it does not know. */
  private static final String OF_EDGES = "key:";

  private UserNames() {}

  /**
   * Of a user that is to be known.
   *
   * @param what how the message calls the argument
   */
  static void check(String what, String user) throws Failure {
    if (!USER.matcher(user).matches() || user.startsWith(OF_EDGES)) {
      throw Failure.usage(
          what
              + " must be 1 to 255 characters of ASCII without blanks, not beginning with "
              + OF_EDGES);
    }
  }
}
