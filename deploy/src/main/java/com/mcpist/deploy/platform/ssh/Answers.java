package com.mcpist.deploy.platform.ssh;

import java.util.List;
import java.util.Optional;

/**
 * What a command of the script on the host has answered.
 *
 * @param lines of a word and what belongs to it
 */
record Answers(List<String> lines) {
  /** The script's first line: before it a login shell may have said something. */
  private static final String BEGINNING = "mcpist answers";

  Answers {
    lines = List.copyOf(lines);
  }

  /** The line that the script begins with. */
  static String beginning() {
    return BEGINNING;
  }

  /** From all that came; empty where the script has not begun. */
  static Optional<Answers> of(String output) {
    List<String> all = output.lines().toList();
    int begin = all.indexOf(BEGINNING);
    return begin < 0
        ? Optional.empty()
        : Optional.of(new Answers(all.subList(begin + 1, all.size())));
  }

  /** What follows that word, in each line that begins with it. */
  List<String> all(String word) {
    return lines.stream()
        .filter(line -> line.startsWith(word + " "))
        .map(line -> line.substring(word.length() + 1))
        .toList();
  }

  /** The first of them. */
  Optional<String> one(String word) {
    return all(word).stream().findFirst();
  }
}
