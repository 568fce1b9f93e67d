package com.mcpist.pair;

import module java.base;

import com.mcpist.pair.data.PairException;
import com.mcpist.pair.process.JvmProgram;

/**
 * A process that stops what works in a data folder when this process is killed. Without it all that
 * goes on, as a pair does whose supervisor is killed.
 */
public record Watchdog(Process process) implements AutoCloseable {
  public static Watchdog start(Path data) throws PairException {
    // Ctrl-C in the terminal is for this process, which then stops all itself.
    ProcessBuilder builder =
        new ProcessBuilder(
            "sh",
            "-c",
            "trap '' HUP INT; read -r _; exec \"$@\"",
            "mcpist-watchdog",
            JvmProgram.java(),
            "-Xmx64m",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-cp",
            System.getProperty("java.class.path"),
            Watchdog.class.getName(),
            data.toAbsolutePath().toString());
    builder.redirectOutput(ProcessBuilder.Redirect.DISCARD);
    builder.redirectError(ProcessBuilder.Redirect.DISCARD);
    try {
      return new Watchdog(builder.start());
    } catch (IOException e) {
      throw new PairException("the watchdog cannot be started: " + e.getMessage(), e);
    }
  }

  /** Stops what a process has left that was killed; the argument is the data folder. */
  public static void main(String[] args) throws PairException, InterruptedException {
    var _ = new LocalPair(Path.of(args[0]), System.getenv()).stopLeft();
  }

  /** Once there is nothing to stop. */
  @Override
  public void close() {
    process.destroyForcibly();
  }
}
