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
  private static final Duration LIMIT = Duration.ofSeconds(1);

  String notReady(Duration limit) {
    return name + " is not ready after " + limit.toSeconds() + " s. See " + logFile;
  }

  /** Of a process that has ended. */
  String endedAtOnce(Running ended) throws InterruptedException {
    String line = ended.output().lastLine(LIMIT);
    return name
        + " ended at once ("
        + exit(ended.process().exitValue())
        + "): "
        + shortened(line)
        + " See "
        + logFile;
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
