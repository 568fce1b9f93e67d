package com.mcpist.cli;

import picocli.CommandLine.Option;

/** What every command takes that takes an origin out or in. */
final class ChangeOptions {
  @Option(names = "--dry-run", description = "Show what would be done; change nothing.")
  private boolean preview;

  @Option(
      names = "--json",
      description =
          "Print what `mcpist status --json` prints; with --dry-run {\"call\"}, what would be"
              + " asked.")
  private boolean json;

  boolean preview() {
    return preview;
  }

  boolean json() {
    return json;
  }
}
