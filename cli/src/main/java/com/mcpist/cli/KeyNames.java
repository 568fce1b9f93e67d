package com.mcpist.cli;

import com.mcpist.deploy.keys.ApiKey;
import java.util.regex.Pattern;

/** What keys are called. */
final class KeyNames {
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._@-]{0,99}");
  private static final Pattern ID =
      Pattern.compile("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}");

  private static final Pattern SUSPECTED = Pattern.compile("(?i)(mcpist_)[A-Z0-9_-]+");

  private KeyNames() {}

  /** Of a key that is to be made; one that looks like an id would be taken for it. */
  static void check(String name) throws Failure {
    notAKey(name);
    if (!NAME.matcher(name).matches() || ID.matcher(name).matches()) {
      throw Failure.usage(
          "NAME must be 1 to 100 letters, digits and ._@-, beginning with a letter or a digit, and"
              + " no id, not "
              + name);
    }
  }

  /**
   * Names and ids are for everybody to see: a key that stands in their place, or most of one, is
   * not repeated.
   */
  static void notAKey(String text) throws Failure {
    if (ApiKey.isSuspected(text)) {
      throw Failure.usage(
          "this is a key itself, or most of one, which should stand in no command: give its name or"
              + " its id, as `mcpist keys list` shows them. `mcpist keys revoke --stdin` ends a key"
              + " whose name is not known.");
    }
  }

  /** What a message quotes of the command line, without what could be a key. */
  static String withoutKeys(String message) {
    return SUSPECTED.matcher(message).replaceAll("$1…");
  }
}
