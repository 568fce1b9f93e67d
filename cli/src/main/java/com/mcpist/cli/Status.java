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
          + " nothing on standard output.",
      "",
      "Of a deployment on platforms it tells what each platform, each origin and the edge say; with"
          + " --json: {\"edge\": {\"url\"}, \"worker\": {\"release\", \"version\", \"problem\"} or"
          + " null, \"origins\": [{\"name\", \"url\", \"platform\", \"platformState\", \"healthy\","
          + " \"state\", \"active\", \"release\", \"digest\", \"lastFailure\"}], \"lock\":"
          + " {\"owner\", \"purpose\", \"since\", \"expires\"}}."
    },
    footer = {
      "",
      "Examples:",
      "  mcpist status",
      "  mcpist status --json | jq -r '.origins[] | select(.active) | .name'"
    })
final class Status implements Callable<Integer> {
  @Mixin private SiteOptions where = new SiteOptions();

  @Option(names = "--json", description = "For programs.")
  private boolean json;

  @Override
  public Integer call() throws Exception {
    if (!where.isLocal()) {
      return production();
    }
    Optional<PairStatus> status = where.pair().status();
    if (status.isEmpty()) {
      throw DataOption.nothingRuns(where.pair());
    }
    System.out.print(
        json
            ? JsonMapper.builder().build().writeValueAsString(status.get()) + "\n"
            : StatusTable.render(status.get(), Instant.now(), Terminal.detect()));
    System.out.flush();
    return ExitCode.OK;
  }

  private int production() throws Exception {
    ProductionStatus status =
        ProductionStatus.of(Place.open(where, Place.ALL).place(), where.production().cloudflare());
    System.out.print(json ? status.json() + "\n" : status.text(Terminal.detect()));
    System.out.flush();
    return status.rows().stream().allMatch(row -> row.health().ok())
        ? ExitCode.OK
        : ExitCode.SOFTWARE;
  }
}
