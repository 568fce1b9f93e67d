package com.mcpist.cli;

import com.mcpist.deploy.keys.ApiKey;
import java.util.regex.Pattern;

/** What keys are called. */
final class KeyNames {
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._@-]{0,99}");
  private static final Pattern ID =
      Pattern.compile("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}");

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

  /** Names and ids are for everybody to see: a key that stands in their place is not repeated. */
  static void notAKey(String text) throws Failure {
    if (ApiKey.isKey(text)) {
      throw Failure.usage(
          "this is a key itself, which should stand in no command: give its name or its id."
              + " `mcpist keys list` shows them.");
    }
  }
}
