package com.mcpist.cli;

import java.time.Instant;
import java.util.Optional;

/** What a person does with a new key, beside the key, which is somewhere else. */
final class NewKeyText {
  private NewKeyText() {}

  /**
   * Of one that the origins know.
   *
   * @param shown the key where it is on the same terminal anyway; else a variable's name, since
   *     this may be on its way to a file
   */
  static String registered(NewKey key, ClientDoor door, String shown) {
    return beginning(key, door, shown)
        + "\n`mcpist keys revoke %s` ends it.\n".formatted(key.name())
        + door.notes(key.user());
  }

  /**
   * Of one that nobody knows yet.
   *
   * @param shown as with {@link #registered}
   */
  static String unregistered(NewKey key, String digest, ClientDoor door, String shown) {
    return beginning(key, door, shown)
        + """

        No origin knows the key yet: nobody was asked. This has a workflow register it, by its
        digest, which is no secret. The key works once that run has ended:
          %s

        This ends it:
          %s
        """
            .formatted(KeyDispatch.register(key, digest), KeyDispatch.revoke(key.name()))
        + door.notes(key.user());
  }

  private static String beginning(NewKey key, ClientDoor door, String shown) {
    return """

    This is the key %s of the user %s; it %s. It is shown this once: keep it as a password.

    Claude Code:
      claude mcp add --transport http mcpist %s --header "Authorization: Bearer %s"
    """
        .formatted(key.name(), key.user(), end(key.expires()), door.address(), shown);
  }

  /** When it ends. */
  static String end(Optional<Instant> end) {
    return end.map(moment -> "expires at " + moment).orElse("does not expire");
  }
}
