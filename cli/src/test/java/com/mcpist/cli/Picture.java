package com.mcpist.cli;

import com.mcpist.cli.console.Wrap;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Screens as an SVG, in the colours that its reader prefers, light or dark. */
final class Picture {
  private static final double COLUMN = 7.8;
  private static final int LINE = 18;
  private static final int MARGIN = 16;
  private static final Pattern COLOURED = Pattern.compile("\u001b\\[([0-9]+)m(.*?)\u001b\\[0m");

  private static final String STYLE =
      """
      <style>
      rect{fill:#fff}
      text{font:13px ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;fill:#1f2328}
      .a{font-weight:bold}.c31{fill:#b3261e}.c32{fill:#1a7f37}.c33{fill:#8a5a00}
      @media (prefers-color-scheme:dark){rect{fill:#0d1117}text{fill:#e6edf3}\
      .c31{fill:#ff8078}.c32{fill:#4ac26b}.c33{fill:#e0ac3b}}
      </style>
      <rect width="100%" height="100%"/>
      """;

  private final StringBuilder svg = new StringBuilder();
  private int y = MARGIN;

  private Picture() {}

  static String of(List<Screen> screens) {
    Picture picture = new Picture();
    for (Screen screen : screens) {
      picture.line(" class=\"a\"", "$ " + escaped(screen.command()));
      screen.text().lines().forEach(line -> picture.line("", coloured(line)));
      picture.y += LINE;
    }
    int width = (int) Math.ceil(Wrap.COLUMNS * COLUMN) + 2 * MARGIN;
    return "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" xml:space=\"preserve\">%n"
            .formatted(width, picture.y)
        + STYLE
        + picture.svg
        + "</svg>\n";
  }

  private void line(String attributes, String text) {
    y += LINE;
    if (!text.isBlank()) {
      svg.append(
          "<text x=\"%d\" y=\"%d\"%s>%s</text>\n".formatted(MARGIN, y - 5, attributes, text));
    }
  }

  private static String coloured(String line) {
    return COLOURED
        .matcher(escaped(line))
        .replaceAll(
            part ->
                Matcher.quoteReplacement(
                    "<tspan class=\"c%s\">%s</tspan>".formatted(part.group(1), part.group(2))));
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }
}
