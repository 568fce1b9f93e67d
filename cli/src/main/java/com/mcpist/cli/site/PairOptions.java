package com.mcpist.cli.site;

import com.mcpist.pair.LocalPair;
import com.mcpist.pair.data.DataFolder;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which pair a command is about. */
public final class PairOptions {
  @Option(
      names = "--data",
      paramLabel = "DIR",
      description = "The pair's data folder (default: ~/.local/share/mcpist).")
  private @Nullable Path data;

  public Path folder() {
    return folder(data);
  }

  static Path folder(@Nullable Path given) {
    return (given == null ? DataFolder.standard(System.getenv()) : given)
        .toAbsolutePath()
        .normalize();
  }

  public LocalPair pair() {
    return new LocalPair(folder(), System.getenv());
  }
}
