package com.mcpist.pair.process;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * That a program's process is to be replaced.
 *
 * @param program what runs from then on
 * @param started the new process, where it runs already beside the old one
 * @param stopLimit how long the old process may take to stop where the new one must wait for that
 * @param failure completes when it is done: with what went wrong, or empty
 */
record Restart(
    Program program,
    Optional<Running> started,
    Duration stopLimit,
    CompletableFuture<String> failure) {
  /** The old process ends before the new one is started. */
  static Restart inPlace(Program program, Duration stopLimit) {
    return new Restart(program, Optional.empty(), stopLimit, new CompletableFuture<>());
  }

  /** The new process is there; the old one retires. */
  static Restart by(Running started) {
    return new Restart(
        started.program(), Optional.of(started), Duration.ZERO, new CompletableFuture<>());
  }
}
