package com.mcpist.e2e.harness;

import com.mcpist.testkit.TerminalSvg;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What was typed and shown in two terminals, as a picture that moves at the speed of the run. */
public final class Recording {
  private static final int COLUMNS = 80;

  /** Seconds that a line takes to be typed, and that the last picture stays. */
  private static final double TYPING = 0.8;

  private static final double REST = 6;

  /** One of the two, with what is over it. */
  public final class Terminal {
    private final String title;
    private final List<Line> lines = new ArrayList<>();

    private Terminal(String title) {
      this.title = title;
    }

    /** A command, as it is typed. The clock of the recording stands meanwhile. */
    public void type(String command) {
      for (String line : ("$ " + command).lines().toList()) {
        lines.add(new Line(seconds(), line, true));
        typed += TYPING;
      }
    }

    /** What it shows now. */
    public void show(String text) {
      double at = seconds();
      text.lines().forEach(line -> lines.add(new Line(at, line, false)));
    }

    /** All of it, a line each. */
    public List<String> lines() {
      return lines.stream().map(Line::text).toList();
    }
  }

  private record Line(double at, String text, boolean typed) {}

  private final long begin = System.nanoTime();
  private double typed = 0.5;
  private final Terminal upper;
  private final Terminal lower;

  /** Begins now. */
  public Recording(String upper, String lower) {
    this.upper = new Terminal(upper);
    this.lower = new Terminal(lower);
  }

  public Terminal upper() {
    return upper;
  }

  public Terminal lower() {
    return lower;
  }

  private double seconds() {
    return (System.nanoTime() - begin) / 1e9 + typed;
  }

  /** The picture. */
  public String svg() {
    double length = seconds() + REST;
    StringBuilder style =
        new StringBuilder(
            String.format(
                Locale.ROOT,
                """
                .t{fill:#59636e}.m{animation:%1$.1fs step-end infinite}.w{animation:%1$.1fs linear infinite}
                line{stroke:#d1d9e0}
                @media (prefers-color-scheme:dark){.t{fill:#9198a1}line{stroke:#3d444d}}
                @media (prefers-reduced-motion:reduce){.m{animation:none}.w{display:none}}
                """,
                length));
    StringBuilder drawn = new StringBuilder();
    int y = TerminalSvg.MARGIN;
    for (Terminal terminal : List.of(upper, lower)) {
      if (terminal == lower) {
        y += TerminalSvg.LINE;
        drawn.append("<line x2=\"100%%\" y1=\"%1$d\" y2=\"%1$d\"/>\n".formatted(y));
        y += TerminalSvg.LINE / 2;
      }
      y += TerminalSvg.LINE;
      drawn.append(TerminalSvg.line(y, " class=\"t\"", terminal.title));
      for (Line line : terminal.lines) {
        y += TerminalSvg.LINE;
        drawn.append(draw(line, y, length, style));
      }
    }
    return TerminalSvg.of(COLUMNS, y + TerminalSvg.MARGIN, style.toString(), drawn);
  }

  // A line that is typed stands under a cloth, which is drawn off it.
  private static String draw(Line line, int y, double length, StringBuilder style) {
    double from = 100 * line.at() / length;
    style.append(
        "@keyframes l%d{0%%{opacity:0}%s%%{opacity:1}100%%{opacity:1}}\n"
            .formatted(y, percent(from)));
    String text =
        TerminalSvg.line(
            y,
            " class=\"%s\" style=\"animation-name:l%d\"".formatted(line.typed() ? "a m" : "m", y),
            line.text());
    if (!line.typed()) {
      return text;
    }
    style.append(
        "@keyframes w%d{0%%,%s%%{transform:none;animation-timing-function:steps(30)}%s%%,100%%{transform:translateX(100%%)}}\n"
            .formatted(y, percent(from), percent(from + 100 * TYPING / length)));
    return text
        + "<rect class=\"w\" style=\"animation-name:w%1$d\" y=\"%2$d\" width=\"100%%\" height=\"%3$d\"/>\n"
            .formatted(y, y - TerminalSvg.LINE, TerminalSvg.LINE);
  }

  private static String percent(double value) {
    return String.format(Locale.ROOT, "%.2f", value);
  }
}
