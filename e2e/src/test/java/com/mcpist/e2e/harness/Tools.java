package com.mcpist.e2e.harness;

import java.io.IOException;
import java.time.Duration;
import java.util.List;

/** Programs of the machine that only some tests need, and only root may use. */
final class Tools {

  private static final List<String> FOLDERS = List.of("/usr/sbin", "/sbin", "/usr/bin", "/bin");

  /** The slowest makes an image. */
  private static final Duration LIMIT = Duration.ofMinutes(15);

  private Tools() {}

  /** Runs a command to its end. */
  static Command.Result run(List<String> command) throws IOException {
    return Command.run(command(command), LIMIT);
  }

  /**
   * Runs a command that must succeed, and returns what it printed.
   *
   * @throws AssertionError with all that it said, when it fails
   */
  static String succeed(List<String> command) throws IOException {
    Command.Result result = run(command);
    if (result.code() != 0) {
      throw new AssertionError(
          String.join(" ", command) + " ended with " + result.code() + ":\n" + result.all());
    }
    return result.out();
  }

  /** A command, found wherever the machine has it. */
  static ProcessBuilder command(List<String> command) {
    ProcessBuilder builder = new ProcessBuilder(command);
    String folders = String.join(":", FOLDERS);
    builder.environment().merge("PATH", folders, (path, more) -> path + ":" + more);
    return builder;
  }
}
