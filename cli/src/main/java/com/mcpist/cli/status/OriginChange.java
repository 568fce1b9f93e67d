package com.mcpist.cli.status;

import module java.base;

import com.mcpist.cli.console.Failure;
import com.mcpist.cli.console.Output;
import com.mcpist.cli.console.Progress;
import com.mcpist.cli.site.Place;
import com.mcpist.cli.site.SiteCommand;
import com.mcpist.deploy.edgeclient.EdgeControl;
import com.mcpist.deploy.edgeclient.EdgeControl.EdgeStatus;
import com.mcpist.deploy.time.Deadline;
import com.mcpist.deploy.time.Time;
import com.mcpist.pair.control.ControlSocket.Answer;
import com.mcpist.pair.control.PairStatus;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Takes an origin out, or in again, here or in production, and shows how it is then. */
public abstract class OriginChange extends SiteCommand {
  private static final Duration LIMIT = Duration.ofSeconds(10);

  @Option(names = "--dry-run", description = "Show what would be done, and change nothing.")
  boolean preview;

  @Option(
      names = "--json",
      description =
          "Print what `mcpist status --json` prints; with --dry-run {\"call\"}, what the"
              + " edge would be asked.")
  boolean json;

  @Parameters(
      paramLabel = "ORIGIN",
      description = "The origin's name, as `mcpist status` shows it.")
  String origin = "";

  @Command(
      name = "drain",
      description = {
        "Takes an origin out: it gets no new calls until `mcpist undrain`.",
        "",
        "Calls in flight finish. The last healthy origin cannot be drained."
      },
      footer = "  mcpist drain koyeb-primary")
  public static final class Drain extends OriginChange {
    @Override
    public Integer call() throws Exception {
      if (preview) {
        return preview("drain");
      }
      if (isLocal()) {
        return Status.show(pair().change("drain", origin), json);
      }
      Place place = opened();
      edge(place).drain(origin, limit());
      return show(place);
    }
  }

  @Command(
      name = "undrain",
      description = "Puts a drained origin back, and waits until it is healthy.",
      footer = "  mcpist undrain koyeb-primary")
  public static final class Undrain extends OriginChange {
    private static final Duration LOOK = Duration.ofMillis(250);

    @Option(
        names = "--timeout",
        paramLabel = "DURATION",
        defaultValue = "2m",
        description = "How long it may take to become healthy (default: ${DEFAULT-VALUE}).")
    private Duration timeout = Duration.ofMinutes(2);

    @Override
    public Integer call() throws Exception {
      if (preview) {
        return preview("undrain");
      }
      Deadline deadline = Deadline.in(timeout, Time.system());
      try (Progress progress = Output.progress(json)) {
        if (isLocal()) {
          return undrainLocal(deadline, progress);
        }
        Place place = opened();
        EdgeControl edge = edge(place);
        progress.step("Waiting until the edge finds " + origin + " healthy");
        edge.undrain(origin, deadline);
        while (!isHealthy(edge.status(limit()))) {
          awaitNext(deadline);
        }
        progress.done();
        return show(place);
      }
    }

    private int undrainLocal(Deadline deadline, Progress progress) throws Exception {
      Answer<PairStatus> answer = pair().change("undrain", origin);
      if (answer instanceof Answer.Done<PairStatus>) {
        progress.step("Waiting until the edge finds " + origin + " healthy");
        while (answer instanceof Answer.Done<PairStatus>(PairStatus status) && !isHealthy(status)) {
          awaitNext(deadline);
          answer = new Answer.Done<>(pairStatus());
        }
        progress.done();
      }
      return Status.show(answer, json);
    }

    private void awaitNext(Deadline deadline) throws Failure, InterruptedException {
      if (deadline.passed()) {
        throw Failure.failed(
            "%s is put back, and is not healthy yet; `mcpist status` shows how it is."
                .formatted(origin));
      }
      deadline.sleep(LOOK);
    }

    private boolean isHealthy(PairStatus status) {
      return status.origins().stream()
          .anyMatch(one -> one.name().equals(origin) && one.state().equals("healthy"));
    }

    private boolean isHealthy(EdgeStatus status) {
      return status.origin(origin).filter(one -> one.state().equals("healthy")).isPresent();
    }
  }

  /** Opened before anything is changed: what it lacks to show how all is then is told first. */
  Place opened() throws Exception {
    check(deployment().originNames());
    return Place.open(this, Place.NOBODY);
  }

  private void check(List<String> known) throws Failure {
    if (!known.contains(origin)) {
      throw Failure.unknown("there is no origin", origin, known);
    }
  }

  static EdgeControl edge(Place place) throws Failure {
    return place
        .edge()
        .orElseThrow(
            () ->
                Failure.usage(
                    "only the edge takes origins out and puts them back: set EDGE_ADMIN_URL and"
                        + " EDGE_ADMIN_TOKEN, or, if it is on Cloudflare (cloudflare in"
                        + " mcpist.yml), ADMIN_TOKEN, and for a load balancer"
                        + " CLOUDFLARE_API_TOKEN and CLOUDFLARE_ZONE_ID."));
  }

  int show(Place place) throws Exception {
    Output.print(Status.Production.of(place, production().cloudflare()).told(json));
    return ExitCode.OK;
  }

  int preview(String verb) throws Exception {
    check(
        isLocal()
            ? pairStatus().origins().stream().map(PairStatus.Origin::name).toList()
            : deployment().originNames());
    String call = "POST /origins/" + origin + "/" + verb;
    Output.print(
        json
            ? Output.json(Output.object().put("call", call))
            : "The edge would be asked: " + call + ". Nothing is changed.\n");
    return ExitCode.OK;
  }

  static Deadline limit() {
    return Deadline.in(LIMIT, Time.system());
  }
}
