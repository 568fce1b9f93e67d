package com.mcpist.cli;

import java.nio.file.Path;

/** Where the assembled programs are: the launcher says. */
final class App {
  private App() {}

  /** The folder of origin, edge and cli. */
  static Path folder() throws Failure {
    String folder = System.getProperty("mcpist.app", "");
    if (folder.isEmpty()) {
      throw Failure.usage("start this by ./mcpist, which knows where the programs are.");
    }
    return Path.of(folder).toAbsolutePath();
  }
}
