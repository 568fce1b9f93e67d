package com.mcpist.testkit;

import java.io.IOException;
import java.util.List;

/** What a process that a test starts makes of signals. */
public final class Signals {
  private static final List<String> PREFIX = List.of("env", "--default-signal=INT");

  private Signals() {}

  /**
   * Makes the process stop on SIGINT, as one that is started from a terminal does. A shell lets
   * what it starts in the background ignore SIGINT, and whatever that starts inherits it: without
   * this a test of Ctrl-C would depend on how the whole build was started. Where {@code env} cannot
   * do it the process is started as it is.
   */
  public static ProcessBuilder stoppingOnInterrupt(ProcessBuilder builder)
      throws IOException, InterruptedException {
    if (canReset()) {
      builder.command().addAll(0, PREFIX);
    }
    return builder;
  }

  private static boolean canReset() throws IOException, InterruptedException {
    Process env =
        new ProcessBuilder("env", "--default-signal=INT", "true")
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    return env.waitFor() == 0;
  }
}
