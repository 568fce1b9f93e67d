package com.mcpist.cli;

import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** Runs one edge in the foreground. */
@Command(
    name = "edge",
    description =
        "Runs one edge in the foreground, before origins of your own; it is configured by"
            + " environment variables (docs/design/processes.md).",
    footer = {
      "",
      "Examples:",
      "  EDGE_CONFIG='{\"port\": 8080, \"origins\": [{\"name\": \"one\", \"url\":"
          + " \"http://127.0.0.1:8000\"}]}' GATEWAY_SECRET=… mcpist edge"
    })
final class EdgeCommand implements Callable<Integer> {
  @Override
  public Integer call() throws Exception {
    return ProgramRun.run(App.folder().resolve("edge"), "com.mcpist.edge.Main", Map.of(), () -> {});
  }
}
