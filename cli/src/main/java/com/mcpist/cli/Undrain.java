package com.mcpist.cli;

import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Takes an origin in again. */
@Command(
    name = "undrain",
    description = "Takes an origin that was drained in again, and waits until it is healthy.",
    footer = {"", "Examples:", "  mcpist undrain koyeb-primary"})
final class Undrain implements Callable<Integer> {
  @Mixin private SiteOptions where = new SiteOptions();
  @Mixin private ChangeOptions options = new ChangeOptions();

  @Option(
      names = "--timeout",
      paramLabel = "DURATION",
      converter = DurationConverter.class,
      defaultValue = "2m",
      description = "How long it may take until it is healthy (default: ${DEFAULT-VALUE}).")
  private Duration timeout = Duration.ofMinutes(2);

  @Parameters(paramLabel = "ORIGIN", description = "Its name, as `mcpist status` shows it.")
  private String origin = "";

  @Override
  public Integer call() throws Exception {
    return new OriginChange(where, options).undrain(origin, timeout);
  }
}
