package com.mcpist.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;

/** Stops a pair. */
@Command(
    name = "down",
    description = "Stops the pair: calls in flight finish, what was saved stays.",
    footer = {"", "Examples:", "  mcpist down", "  mcpist down --data /srv/notes"})
final class Down implements Callable<Integer> {
  @Mixin private DataOption data = new DataOption();

  @Override
  public Integer call() throws Exception {
    if (!data.pair().stop()) {
      System.out.println("No pair is running in " + data.folder() + ": nothing to stop.");
      return ExitCode.OK;
    }
    System.out.println("Stopped.");
    return ExitCode.OK;
  }
}
