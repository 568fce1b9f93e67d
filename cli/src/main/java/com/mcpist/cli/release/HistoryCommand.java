package com.mcpist.cli.release;

import module java.base;

import com.mcpist.cli.console.Failure;
import com.mcpist.cli.console.Output;
import com.mcpist.cli.console.TextTable;
import com.mcpist.cli.console.Wrap;
import com.mcpist.cli.site.Place;
import com.mcpist.cli.site.SiteCommand.ShowCommand;
import com.mcpist.deploy.admin.AdminPath;
import com.mcpist.deploy.admin.AdminPath.Event;
import com.mcpist.deploy.admin.AdminPath.ReleaseRecord;
import com.mcpist.deploy.admin.AdminPath.ReleaseRecord.State;
import com.mcpist.deploy.time.Deadline;
import com.mcpist.deploy.time.Time;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Option;

@Command(
    name = "history",
    description = {
      "Lists the deployments, or all events, the newest first.",
      "",
      "--events lists what happened in the last 90 days: failovers, deaths and restarts of"
          + " programs, drains, deployments, and so on.",
      "",
      "--json prints an array of {\"id\", \"started\", \"finished\", \"action\","
          + " \"release\", \"image\", \"digest\", \"strategy\", \"who\", \"state\", \"detail\","
          + " \"origins\"}; with --events of {\"id\", \"kind\", \"origin\", \"message\", \"at\","
          + " \"ended\", \"running\", \"data\"}."
    },
    footer = {"  mcpist history", "  mcpist history --events --limit 5"})
public final class HistoryCommand extends ShowCommand {
  private static final Duration LIMIT = Duration.ofSeconds(15);
  private static final int MOST = 100;

  @Option(
      names = "--limit",
      paramLabel = "N",
      defaultValue = "20",
      description = "How many at most, 1 to " + MOST + " (default: ${DEFAULT-VALUE}).")
  private int limit;

  @Option(names = "--events", description = "All events, instead of the deployments.")
  private boolean events;

  @Override
  public Integer call() throws Exception {
    Failure.unlessBetween("--limit", limit, 1, MOST);
    AdminPath admin = Place.open(this, Place.NOBODY).admin("the origins keep the history.");
    Deadline deadline = Deadline.in(LIMIT, Time.system());
    Output.print(events ? events(admin.events(limit, deadline)) : releases(kept(admin, deadline)));
    return ExitCode.OK;
  }

  /** Where nobody deploys, none runs any more. */
  private List<ReleaseRecord> kept(AdminPath admin, Deadline deadline) throws InterruptedException {
    boolean deploying = admin.holder(deadline).isPresent();
    return admin.releases(limit, deadline).stream()
        .map(release -> deploying ? release : release.withoutDeployer())
        .toList();
  }

  private String releases(List<ReleaseRecord> releases) {
    if (json) {
      return Output.json(releases);
    }
    return table(releases);
  }

  static String table(List<ReleaseRecord> releases) {
    return releases.isEmpty()
        ? "Nothing has been deployed yet.\n"
        : new TextTable<>(releases)
                .column("STARTED", release -> TextTable.minute(release.started()))
                .column("WHAT", release -> Output.word(release.action()))
                .text("RELEASE", release -> Output.release(release.release(), release.digest()))
                .column("STATE", release -> Output.word(release.state()))
                .text("WHO", ReleaseRecord::who)
                .render()
            + lastFailure(releases);
  }

  private static String lastFailure(List<ReleaseRecord> releases) {
    return releases.stream()
        .filter(release -> release.state() != State.SUCCEEDED && !release.detail().isEmpty())
        .findFirst()
        .map(last -> "The last that failed, " + last.release() + ": " + last.detail())
        .map(last -> "\n" + Wrap.paragraph(Failure.sentence(last), 2))
        .orElse("");
  }

  private static String lasted(Event event) {
    if (event.running()) {
      return "goes on";
    }
    return event
        .ended()
        .map(ended -> Duration.between(event.at().orElse(ended), ended).toMillis())
        .map(millis -> String.format(Locale.ROOT, "%.1f s", Math.max(0, millis) / 1000.0))
        .orElse("-");
  }

  private static String what(Event event) {
    Object cause = event.data().get("cause");
    return cause == null || event.message().contains(cause.toString())
        ? event.message()
        : event.message() + "; cause: " + cause;
  }

  private String events(List<Event> all) {
    if (json) {
      return Output.json(all);
    }
    return eventTable(all);
  }

  static String eventTable(List<Event> all) {
    return all.isEmpty()
        ? "Nothing has happened yet.\n"
        : new TextTable<>(all)
            .column("AT", event -> TextTable.recent(event.at()))
            .column("KIND", Event::kind)
            .column("ORIGIN", event -> event.origin().orElse("-"))
            .column("LASTED", HistoryCommand::lasted)
            .text("WHAT", HistoryCommand::what)
            .render();
  }
}
