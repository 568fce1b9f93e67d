package com.mcpist.cli.clients;

import com.mcpist.cli.console.Failure;
import com.mcpist.deploy.secret.ApiKey;
import java.util.regex.Pattern;

final class Names {
  private static final Pattern KEY = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._@-]{0,99}");
  private static final Pattern KEY_ID =
      Pattern.compile("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}");

  /** An edge calls the holder of a key whom it does not know by key: and more. */
  private static final Pattern USER = Pattern.compile("(?!key:)[!-~]{1,255}");

  private static final Pattern PLAN = Pattern.compile("[a-z0-9][a-z0-9_-]{0,62}");

  private Names() {}

  /** Of a key that is to be made; one that looks like an id would be taken for it. */
  static void checkKey(String name) throws Failure {
    notAKey(name);
    if (!KEY.matcher(name).matches() || KEY_ID.matcher(name).matches()) {
      throw Failure.usage(
          "NAME must be 1 to 100 letters, digits and ._@-, beginning with a letter or a digit, and"
              + " no id, not "
              + name);
    }
  }

  /** Names and ids are for everybody to see: a key in their place is not repeated. */
  static void notAKey(String text) throws Failure {
    if (ApiKey.isSuspected(text)) {
      throw Failure.usage(
          "this is a key itself, or most of one, which must not be in a command: give its name or"
              + " its id, as `mcpist keys list` shows them. `mcpist keys revoke --stdin` ends a key"
              + " whose name is not known.");
    }
  }

  /** Of a user that is to be known; the message calls the argument what is given. */
  static void checkUser(String what, String user) throws Failure {
    if (!USER.matcher(user).matches()) {
      throw Failure.usage(
          what + " must be 1 to 255 characters of ASCII without blanks, not beginning with key:");
    }
  }

  static void checkPlan(String what, String plan) throws Failure {
    if (!PLAN.matcher(plan).matches()) {
      throw Failure.usage(
          what
              + " must be 1 to 63 lower-case letters, digits, hyphens and underscores, not "
              + plan);
    }
  }
}
