package com.mcpist.cli;

import com.mcpist.pair.control.PairStatus;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.json.JsonMapper;

/** Tells how a pair is. */
@Command(
    name = "status",
    description = {
      "Tells how the pair is: which origin serves, what failed last.",
      "",
      "With --json: one object {\"edge\": {\"url\", \"pid\"}, \"origins\": [{\"name\", \"url\","
          + " \"pid\", \"state\", \"active\", \"release\", \"lastFailure\"}], \"database\":"
          + " {\"url\"}}. When no pair is running: exit code 1, the reason on standard error and"
          + " nothing on standard output."
    },
    footer = {
      "",
      "Examples:",
      "  mcpist status",
      "  mcpist status --json | jq -r '.origins[] | select(.active) | .name'"
    })
final class Status implements Callable<Integer> {
  @Mixin private DataOption data = new DataOption();

  @Option(names = "--json", description = "For programs.")
  private boolean json;

  @Override
  public Integer call() throws Exception {
    Optional<PairStatus> status = data.pair().status();
    if (status.isEmpty()) {
      throw data.nothingRuns();
    }
    System.out.print(
        json
            ? JsonMapper.builder().build().writeValueAsString(status.get()) + "\n"
            : StatusTable.render(status.get(), Instant.now(), Terminal.detect()));
    System.out.flush();
    return ExitCode.OK;
  }
}
