package com.mcpist.testkit;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A terminal as an SVG, in the colours that its reader prefers, light or dark. */
public final class TerminalSvg {
  /** The width of a character. */
  public static final double COLUMN = 7.8;

  /** The height of a line. */
  public static final int LINE = 18;

  /** Around the text. */
  public static final int MARGIN = 16;

  private static final Pattern COLOURED = Pattern.compile("\u001b\\[([0-9]+)m(.*?)\u001b\\[0m");

  private TerminalSvg() {}

  /**
   * The whole picture.
   *
   * @param style more rules, each on a line
   */
  public static String of(int columns, int height, String style, CharSequence lines) {
    int width = (int) Math.ceil(columns * COLUMN) + 2 * MARGIN;
    return """
    <svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" xml:space="preserve">
    <style>
    rect{fill:#fff}
    text{white-space:pre;font:13px ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;fill:#1f2328}
    .a{font-weight:bold}.c31{fill:#b3261e}.c32{fill:#1a7f37}.c33{fill:#8a5a00}
    @media (prefers-color-scheme:dark){rect{fill:#0d1117}text{fill:#e6edf3}\
    .c31{fill:#ff8078}.c32{fill:#4ac26b}.c33{fill:#e0ac3b}}
    %s</style>
    <rect width="100%%" height="100%%"/>
    %s</svg>
    """
        .formatted(width, height, style, lines);
  }

  /**
   * One line of it, coloured as its escapes say; nothing for a blank one.
   *
   * @param y its lower end
   * @param attributes of the element, each with a space before it
   */
  public static String line(int y, String attributes, String text) {
    return text.isBlank()
        ? ""
        : "<text x=\"%d\" y=\"%d\"%s>%s</text>\n"
            .formatted(MARGIN, y - 5, attributes, marked(text));
  }

  private static String marked(String line) {
    String escaped = line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    return COLOURED
        .matcher(escaped)
        .replaceAll(
            part ->
                Matcher.quoteReplacement(
                    "<tspan class=\"c%s\">%s</tspan>".formatted(part.group(1), part.group(2))));
  }
}
