package com.mcpist.cli;

import com.mcpist.deploy.admin.KeyRecord;
import java.time.Instant;

/** What a person does with a new key. */
final class NewKeyText {
  private NewKeyText() {}

  /**
   * Beside the key, which is somewhere else.
   *
   * @param key the key where it is on the same terminal anyway; else a variable's name, since this
   *     may be on its way to a file
   */
  static String of(KeyRecord made, ClientsPlace place, String key) {
    StringBuilder text =
        new StringBuilder(
            """

            This is the key %s of the user %s; it %s. It is shown this once: keep it as a password.

            Claude Code:
              claude mcp add --transport http mcpist %s --header "Authorization: Bearer %s"

            `mcpist keys revoke %s` ends it.
            """
                .formatted(
                    made.name(),
                    made.user(),
                    made.expires().map(NewKeyText::end).orElse("does not expire"),
                    place.address(),
                    key,
                    made.name()));
    if (place.entrance().isPresent() && !place.admission().keys()) {
      text.append(
          place.admission().open()
              ? "Note: nobody is asked for a key here, as auth of mcpist.yml has it.\n"
              : "Note: no key lets anybody in here, as auth of mcpist.yml has it.\n");
    }
    return text.toString();
  }

  private static String end(Instant end) {
    return "expires at " + end;
  }
}
