package com.mcpist.pair.process;

import java.nio.file.Path;
import java.time.Duration;

/**
 * How it is told that a program did not get ready.
 *
 * @param name what people call it
 */
record LastWords(String name, Path logFile) {
  private static final int LONGEST = 300;

  String notStarted() {
    return name + " did not start. See " + logFile;
  }

  String notReady(Duration limit) {
    return name + " is not ready after " + limit.toSeconds() + " s. See " + logFile;
  }

  /**
   * @param line the last that it wrote
   */
  String endedAtOnce(String exit, String line) {
    return name + " ended at once (" + exit + "): " + shortened(line) + " See " + logFile;
  }

  /** A shell's convention: 128 and more is the signal that ended it. */
  static String exit(int code) {
    return code > 128 && code < 160 ? "killed, signal " + (code - 128) : "exit code " + code;
  }

  private static String shortened(String line) {
    if (line.isEmpty()) {
      return "it wrote nothing.";
    }
    return line.length() <= LONGEST ? line : line.substring(0, LONGEST) + "…";
  }
}
