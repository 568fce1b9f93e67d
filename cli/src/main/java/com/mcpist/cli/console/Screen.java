package com.mcpist.cli.console;

import module java.base;

/** A text that is drawn anew in its place; without a terminal, one below the other. */
public final class Screen {
  private static final int COLUMNS = 80;
  private static final String INDENT = "   ";
  private static final Pattern ESCAPE = Pattern.compile("\u001b\\[[0-9;]*m");

  /** As much as is on one line, up to a space; an escape counts as one column. */
  private static final Pattern PART =
      Pattern.compile("((?:%1$s|[^\u001b]){1,%2$d}(?= |$)|.{%2$d}) *".formatted(ESCAPE, 77));

  private final Terminal terminal;
  private final PrintStream out;
  private String drawn = "";

  public Screen(Terminal terminal, PrintStream out) {
    this.terminal = terminal;
    this.out = out;
  }

  /** Draws it; where it cannot be drawn over the one before, only if it tells of a change. */
  public void draw(String text, boolean changed) {
    if (!terminal.animated()) {
      if (changed) {
        out.print((drawn.isEmpty() ? "" : "\n") + text);
        drawn = text;
      }
    } else if (!text.equals(drawn)) {
      String fitted = fitted(text);
      // Up to the first line of the one before, which is cleared with all below.
      String place = "\r\u001b[%dA\u001b[J".formatted(fitted(drawn).lines().count());
      out.print((drawn.isEmpty() ? "" : place) + fitted);
      drawn = text;
    }
    out.flush();
  }

  /** Lines that no terminal breaks, so that their number is known. */
  static String fitted(String text) {
    return text.lines()
        .map(
            line ->
                ESCAPE.matcher(line).replaceAll("").length() <= COLUMNS
                    ? line
                    : PART.matcher(line)
                        .results()
                        .map(MatchResult::group)
                        .map(String::stripTrailing)
                        .collect(Collectors.joining("\n" + INDENT)))
        .map(line -> line + "\n")
        .collect(Collectors.joining());
  }
}
