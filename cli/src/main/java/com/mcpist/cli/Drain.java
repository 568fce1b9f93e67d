package com.mcpist.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Takes an origin out. */
@Command(
    name = "drain",
    description =
        "Sends an origin no new calls until `undrain`: those in flight finish. Refused where no"
            + " healthy origin would be left.",
    footer = {"", "Examples:", "  mcpist drain koyeb-primary"})
final class Drain implements Callable<Integer> {
  @Mixin private SiteOptions where = new SiteOptions();
  @Mixin private ChangeOptions options = new ChangeOptions();

  @Parameters(paramLabel = "ORIGIN", description = "Its name, as `mcpist status` shows it.")
  private String origin = "";

  @Override
  public Integer call() throws Exception {
    return new OriginChange(where, options).drain(origin);
  }
}
