package com.mcpist.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Takes an origin in again. */
@Command(
    name = "undrain",
    description = "Takes an origin that was drained in again.",
    footer = {"", "Examples:", "  mcpist undrain koyeb-primary"})
final class Undrain implements Callable<Integer> {
  @Mixin private DataOption data = new DataOption();

  @Parameters(paramLabel = "ORIGIN", description = "Its name, as `mcpist status` shows it.")
  private String origin = "";

  @Override
  public Integer call() throws Exception {
    return new OriginChange(data).apply("undrain", origin);
  }
}
