package com.mcpist.cli;

import com.mcpist.cli.console.Wrap;
import com.mcpist.testkit.TerminalSvg;
import java.util.List;

/** Screens as an SVG. */
final class Picture {
  private Picture() {}

  static String of(List<Screen> screens) {
    StringBuilder lines = new StringBuilder();
    int y = TerminalSvg.MARGIN;
    for (Screen screen : screens) {
      y += TerminalSvg.LINE;
      lines.append(TerminalSvg.line(y, " class=\"a\"", "$ " + screen.command()));
      for (String line : screen.text().lines().toList()) {
        y += TerminalSvg.LINE;
        lines.append(TerminalSvg.line(y, "", line));
      }
      y += TerminalSvg.LINE;
    }
    return TerminalSvg.of(Wrap.COLUMNS, y, "", lines);
  }
}
