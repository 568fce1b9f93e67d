package com.mcpist.cli;

import com.mcpist.pair.control.Answer;
import com.mcpist.pair.control.PairStatus;
import java.io.PrintStream;
import java.util.concurrent.Callable;
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
    Answer<PairStatus> answer;
    PrintStream out = System.out;
    try (Progress progress = new Progress(Terminal.detect(), out)) {
      answer = data.pair().restart(name, progress::step);
      if (answer instanceof Answer.Done<PairStatus>) {
        progress.done();
      }
    }
    return OriginChange.show(answer, false);
  }
}
