package com.mcpist.cli.status;

import com.mcpist.cli.console.Failure;
import com.mcpist.cli.console.Output;
import com.mcpist.cli.console.Terminal;
import com.mcpist.cli.console.TextTable;
import com.mcpist.cli.site.Place;
import com.mcpist.cli.site.SiteCommand;
import com.mcpist.deploy.platform.PlatformException.Kind;
import com.mcpist.pair.control.Answer;
import com.mcpist.pair.control.PairStatus;
import com.mcpist.pair.control.PairStatus.LastFailure;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Option;

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
      "  mcpist status",
      "  mcpist status --json | jq -r '.origins[] | select(.active) | .name'"
    })
public final class Status extends SiteCommand {
  @Option(names = "--json", description = "For programs.")
  private boolean json;

  @Override
  public Integer call() throws Exception {
    if (isLocal()) {
      return show(pairStatus(), json);
    }
    ProductionStatus status =
        ProductionStatus.of(Place.open(this, Place.ALL), production().cloudflare());
    Output.print(status.told(json));
    return code(status.rows().stream().allMatch(row -> row.health().ok()));
  }

  /** Shows what a change of the pair on this machine has come to. */
  public static int show(Answer<PairStatus> answer, boolean json) throws Failure {
    return switch (answer) {
      case Answer.Done<PairStatus>(PairStatus status) -> show(status, json);
      case Answer.Refused<PairStatus> refused ->
          throw refused.kind() == Kind.NOT_FOUND
              ? Failure.usage(refused.told())
              : Failure.failed(refused.told());
      case Answer.Unknown<PairStatus>(String why) -> throw Failure.failed(why);
    };
  }

  private static int show(PairStatus status, boolean json) {
    Output.print(json ? Output.json(status) : table(status, Instant.now(), Terminal.detect()));
    return ExitCode.OK;
  }

  /** A pair's status for people. */
  static String table(PairStatus status, Instant now, Terminal terminal) {
    return "Edge      %s/mcp (%s)\nDatabase  %s\n\n"
            .formatted(
                status.edge().url(),
                status.edge().pid() == null ? "down" : "pid " + status.edge().pid(),
                status.database().url())
        + new TextTable<>(status.origins())
            .column("", origin -> terminal.active(origin.active()))
            .column("ORIGIN", PairStatus.Origin::name)
            .column("STATE", PairStatus.Origin::state, state -> coloured(state, terminal))
            .column("RELEASE", origin -> TextTable.orDash(origin.release()))
            .column("PID", origin -> TextTable.orDash(origin.pid()))
            .column("LAST FAILURE", origin -> failure(origin.lastFailure(), now))
            .render();
  }

  private static String coloured(String state, Terminal terminal) {
    return switch (state.strip()) {
      case "healthy" -> terminal.green(state);
      case "suspect", "drained" -> terminal.yellow(state);
      case "unhealthy" -> terminal.red(state);
      default -> state;
    };
  }

  private static String failure(@Nullable LastFailure failure, Instant now) {
    return failure == null ? "-" : failure.reason() + ", " + age(failure.at(), now);
  }

  private static String age(String at, Instant now) {
    try {
      long seconds = Math.max(0, Duration.between(Instant.parse(at), now).toSeconds());
      if (seconds < 120) {
        return seconds + " s ago";
      }
      return seconds < 7200 ? seconds / 60 + " min ago" : seconds / 3600 + " h ago";
    } catch (DateTimeException _) {
      return "at " + at;
    }
  }
}
