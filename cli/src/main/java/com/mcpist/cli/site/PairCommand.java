package com.mcpist.cli.site;

import com.mcpist.pair.LocalPair;
import com.mcpist.pair.data.DataFolder;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** A command about a pair on this machine. */
public abstract class PairCommand implements Callable<Integer> {
  @Option(
      names = "--data",
      paramLabel = "DIR",
      description = "The pair's data folder (default: ~/.local/share/mcpist).")
  private @Nullable Path data;

  protected Path folder() {
    return folder(data);
  }

  static Path folder(@Nullable Path given) {
    return (given == null ? DataFolder.standard(System.getenv()) : given)
        .toAbsolutePath()
        .normalize();
  }

  protected LocalPair pair() {
    return new LocalPair(folder(), System.getenv());
  }
}
