package com.mcpist.cli;

import com.mcpist.deploy.config.Admission;

/** That a key's user and an issuer's are one and the same where they are called the same. */
final class SharedUser {
  private SharedUser() {}

  /**
   * What to tell who makes a key for that user; nothing where no token can have that name.
   *
   * @param admission what clients are let in for
   * @return a line, or an empty text
   */
  static String warning(Admission admission, String user) {
    if (!admission.tokens() || user.equals(KeysCreateCommand.OPERATOR)) {
      return "";
    }
    return "Note: whoever the issuer of auth calls "
        + user
        + " is this same user: take a name that it gives to nobody else.\n";
  }
}
