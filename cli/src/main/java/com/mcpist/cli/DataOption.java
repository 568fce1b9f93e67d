package com.mcpist.cli;

import com.mcpist.pair.LocalPair;
import com.mcpist.pair.data.DataFolder;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which pair a command is about. */
final class DataOption {
  @Option(
      names = "--data",
      paramLabel = "DIR",
      description = "The pair's data folder (default: ~/.local/share/mcpist).")
  private @Nullable Path data;

  Path folder() {
    Path given = data;
    return (given == null ? DataFolder.standard(System.getenv()) : given)
        .toAbsolutePath()
        .normalize();
  }

  LocalPair pair() {
    return new LocalPair(folder(), System.getenv());
  }

  /** What a command says when no pair runs. */
  Failure nothingRuns() {
    return nothingRuns(pair());
  }

  /** What a command says when that pair does not run. */
  static Failure nothingRuns(LocalPair pair) {
    return Failure.failed(pair.nothingRuns());
  }
}
