package com.mcpist.cli.console;

import module java.base;

/** Breaks text at blanks only, and not inside backticks: what a person copies stays whole. */
public final class Wrap {
  /** What every help text and table fits into. */
  public static final int COLUMNS = 80;

  private static final Pattern WORD = Pattern.compile("(?:`[^`]*`|\\S)+");

  private Wrap() {}

  static List<String> words(String text) {
    return WORD.matcher(text).results().map(MatchResult::group).toList();
  }

  /** Lines of at most that width; a longer word has a line of its own. */
  public static List<String> lines(String text, int width) {
    List<String> lines = new ArrayList<>();
    StringBuilder line = new StringBuilder();
    for (String word : words(text)) {
      if (!line.isEmpty() && line.length() + 1 + word.length() > width) {
        lines.add(line.toString());
        line.setLength(0);
      }
      line.append(line.isEmpty() ? "" : " ").append(word);
    }
    lines.add(line.toString());
    return lines;
  }

  /** A paragraph whose further lines are indented by so many blanks. */
  public static String paragraph(String text, int indent) {
    return String.join("\n" + " ".repeat(indent), lines(text, COLUMNS - indent)) + "\n";
  }
}
