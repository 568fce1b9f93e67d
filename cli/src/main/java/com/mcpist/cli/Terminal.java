package com.mcpist.cli;

import java.io.Console;
import java.nio.charset.Charset;
import java.util.Map;

/**
 * What the output can show.
 *
 * @param animated whether a line may be written over
 * @param colour whether colours are wanted
 * @param unicode whether it can show more than ASCII
 */
record Terminal(boolean animated, boolean colour, boolean unicode) {
  /** As this process's standard output is. */
  static Terminal detect() {
    return of(attached(), System.getenv(), System.out.charset());
  }

  /**
   * Whether a person reads what is written, and nobody keeps it. Without a terminal JDK 25 has no
   * console.
   */
  @SuppressWarnings("SystemConsoleNull")
  static boolean attached() {
    Console console = System.console();
    return console != null && console.isTerminal();
  }

  static Terminal of(boolean terminal, Map<String, String> environment, Charset charset) {
    boolean able = terminal && !"dumb".equals(environment.getOrDefault("TERM", "dumb"));
    // no-color.org: present and not empty, whatever its value.
    boolean colour = able && environment.getOrDefault("NO_COLOR", "").isEmpty();
    return new Terminal(able, colour, charset.newEncoder().canEncode("✓⠋…"));
  }

  String green(String text) {
    return colour ? "\u001b[32m" + text + "\u001b[0m" : text;
  }

  String yellow(String text) {
    return colour ? "\u001b[33m" + text + "\u001b[0m" : text;
  }

  String red(String text) {
    return colour ? "\u001b[31m" + text + "\u001b[0m" : text;
  }

  String dim(String text) {
    return colour ? "\u001b[2m" + text + "\u001b[0m" : text;
  }
}
