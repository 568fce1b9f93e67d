package com.mcpist.cli;

import java.time.Duration;
import java.util.Locale;

/** How a step of the start is shown. */
record ProgressLine(Terminal terminal) {
  private static final String SPINNER = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏";
  private static final String ASCII_SPINNER = "|/-\\";
  private static final String CLEAR = "\r\u001b[K";

  /** The line while the step lasts; it replaces the one before. Nothing where lines cannot be. */
  String running(String step, Duration since, int frame) {
    if (!terminal.animated()) {
      return "";
    }
    String frames = terminal.unicode() ? SPINNER : ASCII_SPINNER;
    String sign = String.valueOf(frames.charAt(frame % frames.length()));
    return CLEAR + terminal.yellow(sign) + " " + step + " " + terminal.dim(seconds(since));
  }

  /** The line once the step is done, with its end of line. */
  String done(String step, Duration took) {
    if (!terminal.animated()) {
      return step + ": done in " + seconds(took) + "\n";
    }
    String sign = terminal.unicode() ? "✓" : "*";
    return CLEAR + terminal.green(sign) + " " + step + " " + terminal.dim(seconds(took)) + "\n";
  }

  /** The line once the step has failed, with its end of line. */
  String failed(String step, Duration took) {
    if (!terminal.animated()) {
      return step + ": failed after " + seconds(took) + "\n";
    }
    String sign = terminal.unicode() ? "✗" : "x";
    return CLEAR + terminal.red(sign) + " " + step + " " + terminal.dim(seconds(took)) + "\n";
  }

  /** Takes an unfinished line away. */
  String cleared() {
    return terminal.animated() ? CLEAR : "";
  }

  private static String seconds(Duration duration) {
    return String.format(Locale.ROOT, "%.1f s", duration.toMillis() / 1000.0);
  }
}
