package com.mcpist.cli;

import com.mcpist.pair.control.Reply;
import java.io.PrintStream;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Restarts one program of a pair. */
@Command(
    name = "restart",
    description = {
      "Restarts the edge or an origin while the pair serves: no call fails for it.",
      "",
      "A new edge takes over the port and the old one finishes the calls that it has. An origin is"
          + " drained first where another one is healthy; where none is, calls wait until it is"
          + " back."
    },
    footer = {"", "Examples:", "  mcpist restart edge", "  mcpist restart koyeb-primary"})
final class Restart implements Callable<Integer> {
  @Mixin private DataOption data = new DataOption();

  @Parameters(
      paramLabel = "edge|ORIGIN",
      description = "The edge, or an origin's name as `mcpist status` shows it.")
  private String name = "";

  @Override
  public Integer call() throws Exception {
    @Nullable Reply reply;
    PrintStream out = System.out;
    try (Progress progress = new Progress(Terminal.detect(), out)) {
      reply = data.pair().restart(name, progress::step);
      if (reply != null && reply.error() == null) {
        progress.done();
      }
    }
    return OriginChange.show(data.pair(), reply);
  }
}
