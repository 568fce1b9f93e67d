package com.mcpist.e2e.harness;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** Runs a command to its end. */
public final class Command {

  // The slowest, a pair's start, takes some seconds on an idle machine.
  private static final Duration LIMIT = Duration.ofMinutes(2);

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
   * @throws AssertionError when it has not ended in time
   */
  public static Result run(ProcessBuilder builder, Duration limit) throws IOException {
    Path out = Files.createTempFile("mcpist-e2e", ".out");
    Path err = Files.createTempFile("mcpist-e2e", ".err");
    try {
      Process process = builder.redirectOutput(out.toFile()).redirectError(err.toFile()).start();
      process.getOutputStream().close();
      boolean ended = waitFor(process, limit);
      if (!ended) {
        waitFor(process.destroyForcibly(), LIMIT);
        throw new AssertionError(
            "%s did not end in %s: %s%s"
                .formatted(builder.command(), limit, Files.readString(out), Files.readString(err)));
      }
      return new Result(process.exitValue(), Files.readString(out), Files.readString(err));
    } finally {
      Files.delete(out);
      Files.delete(err);
    }
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
