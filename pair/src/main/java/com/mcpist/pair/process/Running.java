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
record Running(Program program, Process process, Output output) {
  static final Duration PROBE_EVERY = Duration.ofMillis(50);

  /**
   * Starts it.
   *
   * @throws IOException where it cannot be started
   */
  static Running launch(Program program, Path logFile) throws IOException {
    Process process = program.launch();
    // While two of a program run both write to one log file, each whole lines at its end.
    return new Running(program, process, new Output(process.getInputStream(), logFile));
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
}
