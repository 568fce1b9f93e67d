package com.mcpist.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The command lines that have a workflow do something with a key, on a machine without any secret.
 * The workflow is .github/workflows/operate.yml.
 */
final class KeyDispatch {
  private static final String WORKFLOW = "operate.yml";
  private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9._@%+=:,/-]+");

  private KeyDispatch() {}

  /** Registers a key. */
  static String register(NewKey key, String digest) {
    List<String> fields =
        new ArrayList<>(
            List.of(
                "command=keys-register",
                "name=" + key.name(),
                "user=" + key.user(),
                "digest=" + digest));
    key.expires().ifPresent(end -> fields.add("expires=" + end));
    return line(fields);
  }

  /** Ends a key. */
  static String revoke(String name) {
    return line(List.of("command=keys-revoke", "name=" + name));
  }

  private static String line(List<String> fields) {
    return "gh workflow run "
        + WORKFLOW
        + fields.stream().map(field -> " -f " + quoted(field)).collect(Collectors.joining());
  }

  /** One word for a shell. */
  private static String quoted(String word) {
    return PLAIN.matcher(word).matches() ? word : "'" + word.replace("'", "'\\''") + "'";
  }
}
