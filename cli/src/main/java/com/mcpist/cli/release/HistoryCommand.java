package com.mcpist.cli.release;

import com.mcpist.cli.console.Failure;
import com.mcpist.cli.console.Output;
import com.mcpist.cli.console.TextTable;
import com.mcpist.cli.site.Place;
import com.mcpist.cli.site.SiteOptions;
import com.mcpist.deploy.admin.AdminException;
import com.mcpist.deploy.admin.AdminPath;
import com.mcpist.deploy.admin.Event;
import com.mcpist.deploy.admin.ReleaseRecord;
import com.mcpist.deploy.admin.ReleaseRecord.State;
import com.mcpist.deploy.image.ImageReference;
import com.mcpist.deploy.time.Deadline;
import com.mcpist.deploy.time.Time;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

@Command(
    name = "history",
    description = {
      "Shows the deployments, the newest first, or with --events what else has happened:"
          + " failures and recoveries, releases of the Worker, and that an entrance works.",
      "",
      "With --json: an array of {\"started\", \"finished\", \"action\", \"release\", \"image\","
          + " \"digest\", \"strategy\", \"who\", \"state\", \"detail\", \"origins\"}, or of"
          + " {\"at\", \"kind\", \"origin\", \"message\"}."
    },
    footer = {"", "Examples:", "  mcpist history", "  mcpist history --events --limit 5"})
public final class HistoryCommand implements Callable<Integer> {
  private static final Duration LIMIT = Duration.ofSeconds(15);

  private static final int MOST = 100;

  @Mixin private SiteOptions where = new SiteOptions();

  @Option(
      names = "--limit",
      paramLabel = "N",
      defaultValue = "20",
      description = "How many at most, 1 to " + MOST + " (default: ${DEFAULT-VALUE}).")
  private int limit;

  @Option(names = "--events", description = "What else has happened, instead.")
  private boolean events;

  @Option(names = "--json", description = "For programs.")
  private boolean json;

  @Override
  public Integer call() throws Exception {
    Failure.unlessBetween("--limit", limit, 1, MOST);
    AdminPath admin =
        Place.open(where, Place.NOBODY)
            .site()
            .admin()
            .orElseThrow(
                () -> Failure.usage("ADMIN_TOKEN is not set: the origins keep the history."));
    Deadline deadline = Deadline.in(LIMIT, Time.system());
    Output.print(events ? events(admin.events(limit, deadline)) : releases(kept(admin, deadline)));
    return ExitCode.OK;
  }

  /** Where nobody deploys, none runs any more. */
  private List<ReleaseRecord> kept(AdminPath admin, Deadline deadline)
      throws AdminException, InterruptedException {
    boolean deploying = admin.holder(deadline).isPresent();
    return admin.releases(limit, deadline).stream()
        .map(release -> deploying ? release : release.withoutDeployer())
        .toList();
  }

  private String releases(List<ReleaseRecord> releases) {
    if (json) {
      ArrayNode all = JsonMapper.shared().createArrayNode();
      releases.forEach(release -> all.add(json(release)));
      return all + "\n";
    }
    return releases.isEmpty()
        ? "Nothing has been deployed yet.\n"
        : TextTable.render(
                List.of("STARTED", "WHAT", "RELEASE", "DIGEST", "STATE", "WHO"),
                releases,
                release ->
                    List.of(
                        TextTable.moment(release.started()),
                        Output.word(release.action()),
                        release.release(),
                        ImageReference.brief(release.digest()),
                        Output.word(release.state()),
                        release.who()))
            + lastFailure(releases);
  }

  private static String lastFailure(List<ReleaseRecord> releases) {
    return releases.stream()
        .filter(release -> release.state() != State.SUCCEEDED && !release.detail().isEmpty())
        .findFirst()
        .map(last -> "\nThe last that failed, " + last.release() + ": " + last.detail() + "\n")
        .orElse("");
  }

  private static ObjectNode json(ReleaseRecord release) {
    ObjectNode json =
        JsonMapper.shared()
            .createObjectNode()
            .put("started", release.started().map(Instant::toString).orElse(null))
            .put("finished", release.finished().map(Instant::toString).orElse(null))
            .put("action", Output.word(release.action()))
            .put("release", release.release())
            .put("image", release.image())
            .put("digest", release.digest())
            .put("strategy", release.strategy())
            .put("who", release.who())
            .put("state", Output.word(release.state()))
            .put("detail", release.detail());
    ArrayNode origins = json.putArray("origins");
    for (ReleaseRecord.Part part : release.origins()) {
      origins
          .addObject()
          .put("name", part.name())
          .put("state", part.state())
          .put("before", part.before())
          .put("detail", part.detail());
    }
    return json;
  }

  private String events(List<Event> all) {
    if (json) {
      ArrayNode array = JsonMapper.shared().createArrayNode();
      for (Event event : all) {
        array
            .addObject()
            .put("at", event.at().map(Instant::toString).orElse(null))
            .put("kind", event.kind())
            .put("origin", event.origin().orElse(null))
            .put("message", event.message());
      }
      return array + "\n";
    }
    return all.isEmpty()
        ? "Nothing has happened yet.\n"
        : TextTable.render(
            List.of("AT", "KIND", "ORIGIN", "WHAT"),
            all,
            event ->
                List.of(
                    TextTable.moment(event.at()),
                    event.kind(),
                    event.origin().orElse("-"),
                    event.message()));
  }
}
