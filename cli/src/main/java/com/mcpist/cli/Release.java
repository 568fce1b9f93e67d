package com.mcpist.cli;

import picocli.CommandLine.IVersionProvider;

/** Which release this is: the launcher says. */
final class Release implements IVersionProvider {
  static String name() {
    return System.getProperty("mcpist.release", "dev");
  }

  @Override
  public String[] getVersion() {
    return new String[] {"mcpist " + name()};
  }
}
