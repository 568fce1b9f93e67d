package com.mcpist.cli.status;

import module java.base;

import com.mcpist.cli.console.Failure;
import com.mcpist.cli.console.Output;
import com.mcpist.cli.console.Terminal;
import com.mcpist.cli.console.TextTable;
import com.mcpist.cli.console.Wrap;
import com.mcpist.cli.site.Place;
import com.mcpist.cli.site.SiteCommand.ShowCommand;
import com.mcpist.deploy.CloudflareSite;
import com.mcpist.deploy.admin.AdminPath;
import com.mcpist.deploy.admin.AdminPath.AdminException;
import com.mcpist.deploy.admin.AdminPath.Event;
import com.mcpist.deploy.admin.AdminPath.LockHolder;
import com.mcpist.deploy.admin.Mounting;
import com.mcpist.deploy.edgeclient.EdgeConfig;
import com.mcpist.deploy.edgeclient.EdgeControl;
import com.mcpist.deploy.edgeclient.EdgeControl.EdgeStatus;
import com.mcpist.deploy.edgeclient.EdgeControl.EdgeStatus.Seen;
import com.mcpist.deploy.platform.Platform;
import com.mcpist.deploy.platform.Platform.Release;
import com.mcpist.deploy.platform.PlatformException;
import com.mcpist.deploy.platform.PlatformException.Kind;
import com.mcpist.deploy.platform.cloudflare.WorkerVersion;
import com.mcpist.deploy.release.Concurrently;
import com.mcpist.deploy.release.Site.Target;
import com.mcpist.deploy.time.Deadline;
import com.mcpist.deploy.time.Time;
import com.mcpist.deploy.verify.OriginClient.Health;
import com.mcpist.pair.control.ControlSocket.Answer;
import com.mcpist.pair.control.PairStatus;
import com.mcpist.pair.control.PairStatus.LastFailure;
import com.mcpist.pair.data.PairException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Option;
import tools.jackson.databind.node.ObjectNode;

@Command(
    name = "status",
    description = {
      "Shows which origin serves, how each one is, and what failed last.",
      "",
      "Of a deployment on platforms, it shows what each platform, each origin and the edge say.",
      "",
      "--watch adds the last events, and shows each change: in place on a terminal,"
          + " otherwise one below the other, and with --json as a line each.",
      "",
      "--json prints an object: {\"edge\": {\"url\", \"pid\"}, \"origins\": [{\"name\", \"url\","
          + " \"pid\", \"state\", \"active\", \"release\", \"lastFailure\"}], \"database\":"
          + " {\"url\"}, \"problems\": [\"...\"], \"lastFailover\": an event of `mcpist history"
          + " --events`, or null}. If no pair runs, the exit code is 1, the reason is on standard"
          + " error, and standard output is empty.",
      "",
      "Of a deployment on platforms: {\"edge\": {\"url\", \"problems\"}, \"worker\":"
          + " {\"release\", \"version\", \"problem\"} or null, \"origins\": [{\"name\", \"url\","
          + " \"platform\", \"platformState\", \"healthy\", \"state\", \"active\", \"release\","
          + " \"digest\", \"lastFailure\", \"problems\"}], \"lock\": {\"owner\", \"purpose\","
          + " \"since\", \"expires\"}, \"lastFailover\"}."
    },
    footer = {
      "  mcpist status",
      "  mcpist status --watch",
      "  # The name of the origin that serves:",
      "  mcpist status --json | jq -r '.origins[] | select(.active) | .name'"
    })
public final class Status extends ShowCommand {
  /** For what an origin tells of its mounts and events, which is left out where it hangs. */
  private static final Duration ORIGIN_LIMIT = Duration.ofSeconds(2);

  private static final Duration LOOK = Duration.ofSeconds(1);

  /** Platforms limit how often they are asked. */
  private static final Duration LOOK_AT_PLATFORMS = Duration.ofSeconds(5);

  @Option(names = "--watch", description = "Show each change, until Ctrl-C.")
  private boolean watch;

  @Override
  public Integer call() throws Exception {
    if (isLocal()) {
      return watch ? new Watch(new LocalPlace(), LOOK, json).run() : show(local(), json);
    }
    Place place = Place.open(this, Place.ALL);
    Optional<CloudflareSite> cloudflare = production().cloudflare();
    if (watch) {
      return new Watch(() -> view(place, cloudflare), LOOK_AT_PLATFORMS, json).run();
    }
    Production status = Production.of(place, cloudflare);
    Output.print(status.told(json));
    return code(status.rows().stream().allMatch(row -> row.health().ok()));
  }

  private PairStatus local() throws Exception {
    PairStatus status = pairStatus();
    Place place = Place.open(this, Place.NOBODY);
    return withOrigins(status, place, lastFailover(admin(place), ORIGIN_LIMIT));
  }

  /** A pair that comes and goes. */
  private final class LocalPlace implements Watch.Source {
    private @Nullable Place opened;
    private List<Event> events = List.of();
    private Optional<Event> failover = Optional.empty();

    @Override
    public Watch.View look() throws Exception {
      try {
        PairStatus status = pairStatus();
        Place place = opened == null ? Place.open(Status.this, Place.NOBODY) : opened;
        opened = place;
        readEvents(admin(place));
        PairStatus whole = withOrigins(status, place, failover);
        return Watch.View.of(
            Output.json(whole), events, table(whole, Instant.now(), Terminal.detect()));
      } catch (PairException | Failure e) {
        if (e instanceof Failure failure && failure.code() == ExitCode.USAGE) {
          throw failure;
        }
        opened = null;
        return Watch.View.down(String.valueOf(e.getMessage()));
      }
    }

    /** Where no origin tells them, they stay; its secret may be another one. */
    private void readEvents(AdminPath admin) throws InterruptedException {
      try {
        failover = admin.events(1, limit(ORIGIN_LIMIT), "failover").stream().findFirst();
        events = json ? List.of() : Watch.events(admin, limit(ORIGIN_LIMIT));
      } catch (AdminException _) {
        opened = null;
      }
    }
  }

  private Watch.View view(Place place, Optional<CloudflareSite> cloudflare)
      throws InterruptedException {
    Production status = Production.of(place, cloudflare);
    return Watch.View.of(status.told(true), events(place), status.told(false));
  }

  private List<Event> events(Place place) throws InterruptedException {
    try {
      return json || place.site().admin().isEmpty()
          ? List.of()
          : Watch.events(place.site().admin().get(), limit(ORIGIN_LIMIT));
    } catch (AdminException _) {
      return List.of();
    }
  }

  private static AdminPath admin(Place place) throws Failure {
    return place.admin("the pair makes it");
  }

  /** With what the origins tell. */
  private static PairStatus withOrigins(PairStatus status, Place place, Optional<Event> failover)
      throws Failure, InterruptedException {
    Mounting mounting = new Mounting(admin(place));
    List<String> problems = new ArrayList<>(status.problems());
    for (List<String> found :
        Concurrently.each(
            place.site().targets(),
            target ->
                mounting.problems(target.client().url(), limit(ORIGIN_LIMIT)).stream()
                    .map(problem -> target.name() + ": " + problem)
                    .toList())) {
      problems.addAll(found);
    }
    return new PairStatus(
        status.edge(), status.origins(), status.database(), problems, failover.orElse(null));
  }

  private static Optional<Event> lastFailover(AdminPath admin, Duration limit)
      throws InterruptedException {
    try {
      return admin.events(1, limit(limit), "failover").stream().findFirst();
    } catch (AdminException _) {
      return Optional.empty();
    }
  }

  private static Deadline limit(Duration limit) {
    return Deadline.in(limit, Time.system());
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

  static String table(PairStatus status, Instant now, Terminal terminal) {
    return "Edge      %s (%s)\nStatus    %s\nDatabase  %s\n\n"
            .formatted(
                status.edge().url(),
                status.edge().pid() == null ? "down" : "pid " + status.edge().pid(),
                URI.create(status.edge().url()).resolve("/status"),
                status.database().url())
        + new TextTable<>(status.origins())
            .column("", origin -> terminal.active(origin.active()))
            .column("ORIGIN", PairStatus.Origin::name)
            .column("STATE", PairStatus.Origin::state, state -> coloured(state, terminal))
            .column("RELEASE", origin -> TextTable.orDash(origin.release()))
            .column("PID", origin -> TextTable.orDash(origin.pid()))
            .render()
        + legend(status.origins().stream().anyMatch(PairStatus.Origin::active), terminal)
        + lines(status.problems())
        + lastFailures(status.origins(), now)
        + told(Optional.ofNullable(status.lastFailover()), now);
  }

  private static String legend(boolean serves, Terminal terminal) {
    return serves ? terminal.active(true) + " marks the origin that serves.\n" : "";
  }

  private static String lastFailures(List<PairStatus.Origin> origins, Instant now) {
    List<String> failures = new ArrayList<>();
    for (PairStatus.Origin origin : origins) {
      LastFailure last = origin.lastFailure();
      if (last != null) {
        String age = age(last.at(), now);
        failures.add("Last failure of %s, %s: %s".formatted(origin.name(), age, last.reason()));
      }
    }
    return lines(failures);
  }

  private static String told(Optional<Event> failover, Instant now) {
    return failover
        .map(
            last ->
                "Last failover, of %s, %s: %s"
                    .formatted(
                        last.origin().orElse("-"),
                        age(last.at().map(Instant::toString).orElse(""), now),
                        last.message()))
        .map(last -> lines(List.of(last)))
        .orElse("");
  }

  /** Sentences, after an empty line. */
  private static String lines(List<String> sentences) {
    return sentences.stream()
        .map(sentence -> Wrap.paragraph(sentence + ".", 2))
        .collect(Collectors.joining("", sentences.isEmpty() ? "" : "\n", ""));
  }

  private static String coloured(String state, Terminal terminal) {
    return switch (state.strip()) {
      case "healthy" -> terminal.green(state);
      case "suspect", "drained" -> terminal.yellow(state);
      case "unhealthy" -> terminal.red(state);
      default -> state;
    };
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

  /** How a deployment on platforms is; without what an edge sees that is not asked or is silent. */
  record Production(
      String url,
      Optional<CloudflareSite.Serving> worker,
      List<Row> rows,
      Optional<EdgeStatus> edge,
      Optional<LockHolder> lock,
      Optional<Event> lastFailover) {
    private static final Duration LIMIT = Duration.ofSeconds(15);

    record Row(String name, String url, String platform, String platformSays, Health health) {
      private String platformTold() {
        return platformSays.isEmpty() ? "-" : platform + ": " + platformSays;
      }
    }

    /** Each that is asked has its own time: one that hangs says nothing of the others. */
    static Production of(Place place, Optional<CloudflareSite> cloudflare)
        throws InterruptedException {
      Optional<CloudflareSite.Serving> worker =
          cloudflare.isPresent()
              ? Optional.of(cloudflare.get().serving(limit()))
              : Optional.empty();
      List<Row> rows = Concurrently.each(place.site().targets(), target -> row(place, target));
      return new Production(
          place.site().edge().map(edge -> edge.client().url() + EdgeConfig.MCP).orElse(""),
          worker,
          rows,
          EdgeControl.ask(place.edge(), limit()),
          lock(place),
          place.site().admin().isPresent()
              ? Status.lastFailover(place.site().admin().get(), LIMIT)
              : Optional.empty());
    }

    private static Row row(Place place, Target target) throws InterruptedException {
      Health health = target.client().health(Optional.of(place.site().gateway()), limit());
      return new Row(
          target.name(),
          target.client().url().toString(),
          target.platform().map(Platform::name).orElse(""),
          target.platform().isEmpty() ? "" : platformSays(target.platform().get()),
          health.with(place.site().mountProblems(target, limit())));
    }

    private static String platformSays(Platform platform) throws InterruptedException {
      try {
        Release release = platform.current(limit());
        return release.told() + (release.detail().isEmpty() ? "" : " (" + release.detail() + ")");
      } catch (PlatformException e) {
        return String.valueOf(e.getMessage());
      }
    }

    private static Optional<LockHolder> lock(Place place) throws InterruptedException {
      try {
        return place.site().admin().isEmpty()
            ? Optional.empty()
            : place.site().admin().get().holder(limit());
      } catch (AdminException _) {
        return Optional.empty();
      }
    }

    private static Deadline limit() {
      return Status.limit(LIMIT);
    }

    private boolean serves(Row row) {
      return seen(row).filter(Seen::active).isPresent();
    }

    private Optional<Seen> seen(Row row) {
      return edge.flatMap(status -> status.origin(row.name()));
    }

    String told(boolean forPrograms) {
      return forPrograms ? Output.json(json()) : text(Terminal.detect());
    }

    String text(Terminal terminal) {
      return "Edge    "
          + (url.isEmpty() ? "mcpist.yml has no domain" : url)
          + worker.map(serving -> "\nWorker  " + serving.told()).orElse("")
          + "\n\n"
          + new TextTable<>(rows)
              .column("", row -> terminal.active(serves(row)))
              .column("ORIGIN", Row::name)
              .column("EDGE", row -> seen(row).map(Seen::state).orElse("-"))
              .text("PLATFORM", Row::platformTold)
              .text("HEALTH", row -> row.health().told())
              .text("RELEASE", row -> Output.release(row.health().release(), row.health().digest()))
              .render()
          + legend(rows.stream().anyMatch(this::serves), terminal)
          + lines(edgeProblems().stream().map("edge: "::concat).toList())
          + lines(
              lock
                  .map(holder -> holder.told(Time.system().wall()) + " deploys at this moment")
                  .stream()
                  .toList())
          + Status.told(lastFailover, Time.system().wall());
    }

    private List<String> edgeProblems() {
      return edge.map(EdgeStatus::problems).orElse(List.of());
    }

    private ObjectNode json() {
      ObjectNode json = Output.object();
      json.putObject("edge").put("url", url).putPOJO("problems", edgeProblems());
      json.putPOJO(
          "worker",
          worker.map(
              serving ->
                  Output.object()
                      .putPOJO("release", serving.version().map(WorkerVersion::release))
                      .putPOJO("version", serving.version().map(WorkerVersion::id))
                      .put("problem", serving.problem())));
      return json.putPOJO("origins", rows.stream().map(this::json).toList())
          .putPOJO("lock", lock)
          .putPOJO("lastFailover", lastFailover);
    }

    private ObjectNode json(Row row) {
      return Output.object()
          .put("name", row.name())
          .put("url", row.url())
          .put("platform", row.platform())
          .put("platformState", row.platformSays())
          .put("healthy", row.health().ok())
          .putPOJO("state", seen(row).map(Seen::state))
          .putPOJO("active", seen(row).map(Seen::active))
          .put("release", row.health().release())
          .put("digest", row.health().digest())
          .putPOJO("lastFailure", seen(row).flatMap(Seen::lastFailure))
          .putPOJO("problems", row.health().problems());
    }
  }
}
