package com.mcpist.e2e.harness;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Programs of the machine that only some tests need, and only root may use. */
final class Tools {

  private static final List<String> FOLDERS = List.of("/usr/sbin", "/sbin", "/usr/bin", "/bin");

  /** The slowest makes an image. */
  private static final Duration LIMIT = Duration.ofMinutes(15);

  private Tools() {}

  /**
   * Why they cannot be used, in one line; empty where they can.
   *
   * @param what needs them, as the beginning of the line
   * @param packages of Debian, which bring them
   */
  static Optional<String> missing(String what, List<String> tools, String packages) {
    if (!System.getProperty("user.name").equals("root")) {
      return Optional.of(what + " need root");
    }
    return tools.stream()
        .filter(tool -> FOLDERS.stream().noneMatch(f -> Files.isExecutable(Path.of(f, tool))))
        .findFirst()
        .map(tool -> tool + " is not installed: apt-get install " + packages);
  }

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
