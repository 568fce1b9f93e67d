package com.mcpist.cli.site;

import java.util.concurrent.Callable;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;

/** A command about the deployment on platforms, or about the pair on this machine. */
public abstract class SiteCommand implements Callable<Integer> {
  @Mixin protected SiteOptions where = new SiteOptions();

  /** The exit code of a check or an action. */
  protected static int code(boolean good) {
    return good ? ExitCode.OK : ExitCode.SOFTWARE;
  }
}
