package com.mcpist.pair.process;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * A process, and what it writes.
 *
 * @param program whose process it is
 */
record Running(Program program, Process process, Output output, Path logFile) {
  static final Duration PROBE_EVERY = Duration.ofMillis(50);
  private static final int LONGEST_LINE = 300;
  private static final Duration LINE_LIMIT = Duration.ofSeconds(1);

  /**
   * Starts it.
   *
   * @throws IOException where it cannot be started
   */
  static Running launch(Program program, Path logFile) throws IOException {
    Process process = program.launch();
    // While two of a program run both write to one log file, each whole lines at its end.
    return new Running(program, process, new Output(process.getInputStream(), logFile), logFile);
  }

  boolean isReady() throws InterruptedException {
    return process.isAlive() && program.isReady(process);
  }

  /**
   * Waits until it is ready.
   *
   * @param given whether that is not waited for any more
   * @return false where it has ended, or is given up
   */
  boolean awaitReady(BooleanSupplier given) throws InterruptedException {
    while (process.isAlive() && !given.getAsBoolean()) {
      if (isReady()) {
        return true;
      }
      process.waitFor(PROBE_EVERY.toMillis(), TimeUnit.MILLISECONDS);
    }
    return false;
  }

  /** Tells how it has ended before it was ready. */
  String endedAtOnce() throws InterruptedException {
    String line = output.lastLine(LINE_LIMIT);
    return "%s ended at once (%s): %s See %s"
        .formatted(program.name(), exit(), shortened(line), logFile);
  }

  /** How it has ended, by a shell's convention: 128 and more is the signal that ended it. */
  String exit() {
    int code = process.exitValue();
    return code > 128 && code < 160 ? "killed, signal " + (code - 128) : "exit code " + code;
  }

  private static String shortened(String line) {
    if (line.isEmpty()) {
      return "it wrote nothing.";
    }
    return line.length() <= LONGEST_LINE ? line : line.substring(0, LONGEST_LINE) + "…";
  }
}
