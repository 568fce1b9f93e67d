package com.mcpist.cli.release;

import module java.base;

import com.mcpist.cli.console.Failure;
import com.mcpist.cli.console.Output;
import com.mcpist.cli.console.TextTable;
import com.mcpist.cli.site.Place;
import com.mcpist.cli.site.SiteCommand.ShowCommand;
import com.mcpist.deploy.admin.AdminPath;
import com.mcpist.deploy.admin.AdminPath.Event;
import com.mcpist.deploy.admin.AdminPath.ReleaseRecord;
import com.mcpist.deploy.admin.AdminPath.ReleaseRecord.State;
import com.mcpist.deploy.image.ImageReference;
import com.mcpist.deploy.time.Deadline;
import com.mcpist.deploy.time.Time;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Option;

@Command(
    name = "history",
    description = {
      "Shows the deployments, the newest first, or with --events what else has happened:"
          + " failures and recoveries, releases of the Worker, and that an entrance works.",
      "",
      "With --json: an array of {\"id\", \"started\", \"finished\", \"action\", \"release\","
          + " \"image\", \"digest\", \"strategy\", \"who\", \"state\", \"detail\", \"origins\"}, or"
          + " of {\"at\", \"kind\", \"origin\", \"message\"}."
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

  @Option(names = "--events", description = "What else has happened, instead.")
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
    return releases.isEmpty()
        ? "Nothing has been deployed yet.\n"
        : new TextTable<>(releases)
                .column("STARTED", release -> TextTable.moment(release.started()))
                .column("WHAT", release -> Output.word(release.action()))
                .column("RELEASE", ReleaseRecord::release)
                .column("DIGEST", release -> ImageReference.brief(release.digest()))
                .column("STATE", release -> Output.word(release.state()))
                .column("WHO", ReleaseRecord::who)
                .render()
            + lastFailure(releases);
  }

  private static String lastFailure(List<ReleaseRecord> releases) {
    return releases.stream()
        .filter(release -> release.state() != State.SUCCEEDED && !release.detail().isEmpty())
        .findFirst()
        .map(last -> "\nThe last that failed, " + last.release() + ": " + last.detail() + "\n")
        .orElse("");
  }

  private String events(List<Event> all) {
    if (json) {
      return Output.json(all);
    }
    return all.isEmpty()
        ? "Nothing has happened yet.\n"
        : new TextTable<>(all)
            .column("AT", event -> TextTable.moment(event.at()))
            .column("KIND", Event::kind)
            .column("ORIGIN", event -> event.origin().orElse("-"))
            .column("WHAT", Event::message)
            .render();
  }
}
