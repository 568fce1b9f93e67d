package com.mcpist.e2e.harness;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/** Runs a command to its end. */
public final class Command {

  // The slowest, a pair's start, takes some seconds on an idle machine.
  private static final Duration LIMIT = Duration.ofMinutes(2);

  /** What is shown of a command that does not end, and of each command line under it. */
  private static final int SHOWN_LINES = 40;

  private static final int SHOWN_CHARACTERS = 200;

  /** What a command has left. */
  public record Result(int code, String out, String err) {

    /** Both outputs, for commands of which a test only wants to know what they said. */
    public String all() {
      return out + err;
    }
  }

  private Command() {}

  /** The limit is two minutes. */
  public static Result run(ProcessBuilder builder) throws IOException {
    return run(builder, LIMIT);
  }

  /**
   * Runs it without an input and waits for its end. The outputs go through files: a process that a
   * command leaves running may have inherited them, and a pipe would not end before it does.
   *
   * @throws AssertionError when it has not ended in time: then it is killed with all that it
   *     started
   */
  public static Result run(ProcessBuilder builder, Duration limit) throws IOException {
    Path out = Files.createTempFile("mcpist-e2e", ".out");
    Path err = Files.createTempFile("mcpist-e2e", ".err");
    try {
      Process process = builder.redirectOutput(out.toFile()).redirectError(err.toFile()).start();
      process.getOutputStream().close();
      boolean ended = waitFor(process, limit);
      if (!ended) {
        List<ProcessHandle> descendants = process.descendants().toList();
        List<String> running = descendants.stream().map(Command::shown).toList();
        descendants.forEach(ProcessHandle::destroyForcibly);
        waitFor(process.destroyForcibly(), LIMIT);
        throw new AssertionError(
            "%s did not end in %s, nor did %s. Its last lines, the last first:%n%s%n%s"
                .formatted(
                    builder.command().stream().limit(2).toList(),
                    limit,
                    running,
                    last(Files.readString(out)),
                    last(Files.readString(err))));
      }
      return new Result(process.exitValue(), Files.readString(out), Files.readString(err));
    } finally {
      Files.delete(out);
      Files.delete(err);
    }
  }

  private static String shown(ProcessHandle process) {
    String line = process.info().commandLine().orElse("");
    return process.pid() + " " + line.substring(0, Math.min(line.length(), SHOWN_CHARACTERS));
  }

  /** The last first, since a long message is shown without its end. */
  private static String last(String output) {
    List<String> lines = output.lines().toList();
    return lines.reversed().stream().limit(SHOWN_LINES).collect(Collectors.joining("\n"));
  }

  /**
   * Waits for the end of a process.
   *
   * @throws InterruptedIOException when the test is ended meanwhile
   */
  static boolean waitFor(Process process, Duration limit) throws InterruptedIOException {
    try {
      return process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("waiting for process " + process.pid());
    }
  }
}
