package com.mcpist.cli.release;

import module java.base;

import com.mcpist.cli.console.Failure;
import com.mcpist.cli.console.Interruption;
import com.mcpist.cli.console.Output;
import com.mcpist.cli.console.Progress;
import com.mcpist.cli.site.MountVariables;
import com.mcpist.cli.site.Place;
import com.mcpist.cli.site.SiteCommand;
import com.mcpist.deploy.admin.AdminPath.ReleaseRecord.Action;
import com.mcpist.deploy.config.Deployment.Origin;
import com.mcpist.deploy.config.Hosting;
import com.mcpist.deploy.config.Spelling;
import com.mcpist.deploy.release.Deployer;
import com.mcpist.deploy.release.Order;
import com.mcpist.deploy.release.Order.Strategy;
import com.mcpist.deploy.release.Outcome;
import com.mcpist.deploy.release.Plan;
import com.mcpist.deploy.release.Rollbacks;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.node.ObjectNode;

/** Brings a release to the origins: a new one, or an earlier one again. */
public abstract class RolloutCommand extends SiteCommand {
  @Mixin Options rollout = new Options();

  /** For a shell to complete. */
  static final class Strategies implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return Stream.of(Strategy.values()).map(Strategy::label).iterator();
    }
  }

  /** What every command takes that changes the origins' release, or the Worker's. */
  static final class Options extends Output.Changing {
    @Option(
        names = "--force",
        description =
            "Go on if no other origin is healthy (an unhealthy one changes first), or if"
                + " the deployment can be neither locked nor recorded, such as the very first one.")
    boolean force;

    @Option(
        names = "--timeout",
        paramLabel = "DURATION",
        defaultValue = "10m",
        description =
            "How long the origins may take to become healthy (default: ${DEFAULT-VALUE}).")
    private Duration timeout = Duration.ofMinutes(10);

    @Option(
        names = "--run",
        paramLabel = "ID",
        description =
            "An id that several commands share which are one deployment, each with --origin"
                + " and --no-verify. They share its lock, which `mcpist verify --run` releases.")
    private @Nullable String run;

    @Option(
        names = "--origin",
        paramLabel = "NAME",
        split = ",",
        description = "Only this origin; commas separate several.")
    List<String> origins = List.of();

    @Option(names = "--worker", description = "The Worker on Cloudflare, instead of the origins.")
    boolean worker;

    /** How it is deployed; patience is how long a check may fail once the origins are healthy. */
    Order.Terms terms(boolean verify, Duration patience) {
      return new Order.Terms(
          force,
          verify,
          SiteCommand.caller(),
          Optional.ofNullable(run),
          new Order.Limits(timeout, patience, wait));
    }
  }

  @Command(
      name = "deploy",
      description = {
        "Deploys a release to all origins, and rolls back a bad one.",
        "",
        "On platforms a release is an image; its tag is resolved to a digest once. On this"
            + " machine it is this build, or the assembled program that --image names.",
        "",
        "An origin changes only while another one is healthy. One deployment runs at a"
            + " time: a second one waits for a minute, and then says who deploys.",
        "",
        "If nothing fails but an entrance that has never worked, such as one with a new"
            + " certificate, the command waits for it, 20 minutes at most, and rolls nothing back"
            + " because of it.",
        "",
        "--worker deploys the Worker on Cloudflare instead: it uploads the bundle that"
            + " worker/build.sh made as a version. If the edge does not answer with that version,"
            + " or a check fails, it deploys the version before again.",
        "",
        "--json prints an object: {\"release\", \"digest\", \"state\", \"changed\","
            + " \"problem\", \"origins\": [{\"name\", \"result\", \"before\", \"detail\","
            + " \"seconds\"}], \"checks\": [{\"check\", \"subject\", \"passed\", \"expected\","
            + " \"seen\", \"advice\"}], \"calls\": {\"answered\", \"failed\", \"replayed\"},"
            + " \"warnings\"}. With --dry-run: {\"image\", \"release\", \"stages\": [[origin]],"
            + " \"calls\": {origin: [call]}}. With --worker: {\"release\", \"version\","
            + " \"before\", \"state\", \"changed\", \"problem\", \"checks\", \"warnings\"}, and"
            + " with --dry-run {\"release\", \"calls\"}.",
        "",
        "Exit code 1: an origin does not run the release, or clients do not get to it."
      },
      footer = {
        "  # What mcpist.yml names; on this machine, this build:",
        "  mcpist deploy",
        "  # An image, to the standby first:",
        "  mcpist deploy --image ghcr.io/me/notes:1.4 --strategy standby-first",
        "  # To the origins on hosts of your own:",
        "  mcpist deploy --platform ssh",
        "  # Show what would be done:",
        "  mcpist deploy --dry-run"
      })
  public static final class Deploy extends RolloutCommand {
    @Option(
        names = "--image",
        paramLabel = "REF",
        description =
            "The image, by tag or digest (default: that of mcpist.yml). On this machine,"
                + " the folder of an assembled program.")
    private @Nullable String image;

    @Option(
        names = "--release",
        paramLabel = "NAME",
        description =
            "The release's name for people (default: the image's tag and the start of its digest).")
    private @Nullable String release;

    @Option(
        names = "--strategy",
        paramLabel = "STRATEGY",
        defaultValue = "simultaneous",
        description =
            "simultaneous, or standby-first: the last origin first, and the others once"
                + " that one is verified (default: ${DEFAULT-VALUE}).",
        completionCandidates = Strategies.class)
    private Strategy strategy = Strategy.SIMULTANEOUS;

    @Option(
        names = "--platform",
        paramLabel = "NAME",
        description =
            "Only the origins on this platform: koyeb, fly or ssh. If mcpist.yml has none"
                + " there, nothing is done.")
    private @Nullable String platform;

    @Option(
        names = "--bundle",
        paramLabel = "DIR",
        description = "With --worker: the folder of the built Worker (default: worker).")
    private @Nullable Path bundle;

    @Option(names = "--no-verify", description = "Leave the verification to `mcpist verify`.")
    private boolean unverified;

    @Option(
        names = "--patience",
        paramLabel = "DURATION",
        defaultValue = "10s",
        description =
            "How long a check may fail once the origins are healthy (default: ${DEFAULT-VALUE}).")
    private Duration patience = Duration.ofSeconds(10);

    @Override
    public Integer call() throws Exception {
      if (rollout.worker) {
        return deployWorker();
      }
      if (bundle != null) {
        throw Failure.usage("--bundle belongs to --worker.");
      }
      List<String> names = platform == null ? rollout.origins : originsOn(platform);
      if (platform != null && names.isEmpty()) {
        rollout
            .aside()
            .println("mcpist.yml has no origin on " + platform + ": there is nothing to do.");
        return ExitCode.OK;
      }
      return run(
          Action.DEPLOY,
          names,
          strategy,
          !unverified,
          patience,
          (place, _) -> {
            Place.Chosen chosen = place.images().choose(Optional.ofNullable(image));
            return release == null ? chosen : new Place.Chosen(chosen.image(), release);
          });
    }

    /** So that a workflow's job for a platform need not know what its origins are called. */
    private List<String> originsOn(String name) throws Exception {
      if (!rollout.origins.isEmpty()) {
        throw Failure.usage("--platform says which origins: leave --origin out.");
      }
      if (!Hosting.PLATFORMS.contains(name)) {
        throw Failure.usage(
            "--platform must be %s, not \"%s\".%s"
                .formatted(
                    String.join(" or ", Hosting.PLATFORMS),
                    name,
                    Spelling.hint(name, Hosting.PLATFORMS)));
      }
      return deployment().origins().stream()
          .filter(origin -> origin.hosting().platform().equals(name))
          .map(Origin::name)
          .toList();
    }

    private int deployWorker() throws Exception {
      if (image != null
          || !rollout.origins.isEmpty()
          || platform != null
          || strategy != Strategy.SIMULTANEOUS) {
        throw Failure.usage(
            "--worker is about no origin: leave --image, --origin, --platform and --strategy out.");
      }
      return new WorkerCommand(this, rollout)
          .deploy(Optional.ofNullable(bundle), Optional.ofNullable(release), !unverified, patience);
    }
  }

  @Command(
      name = "rollback",
      description = {
        "Brings back the release before, or another earlier one.",
        "",
        "`mcpist history` lists them. The release is deployed like any other, with the environment"
            + " that it had, if its platform still knows that. A second rollback goes further"
            + " back.",
        "",
        "--worker rolls back the Worker on Cloudflare instead. Its versions keep their"
            + " secrets: if those have changed since, it needs --force.",
        "",
        "--json prints what `mcpist deploy --json` prints."
      },
      footer = {
        "  mcpist rollback",
        "  mcpist rollback --to 1.3",
        "  mcpist rollback --origin flyio-standby",
        "  mcpist rollback --worker"
      })
  public static final class Rollback extends RolloutCommand {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @Option(
        names = "--to",
        paramLabel = "RELEASE",
        description = "The release's name, or the start of its digest (default: the one before).")
    private @Nullable String to;

    private Rollbacks.@Nullable Earlier earlier;

    @Override
    public Integer call() throws Exception {
      if (rollout.worker) {
        if (!rollout.origins.isEmpty()) {
          throw Failure.usage("--worker is about no origin: leave --origin out.");
        }
        return new WorkerCommand(this, rollout).rollback(Optional.ofNullable(to), PATIENCE);
      }
      return run(
          Action.ROLLBACK,
          rollout.origins,
          Strategy.SIMULTANEOUS,
          true,
          PATIENCE,
          (place, names) -> {
            Rollbacks rollbacks = new Rollbacks(place.site());
            earlier = to == null ? rollbacks.previous(names) : rollbacks.named(to);
            return new Place.Chosen(earlier.image(), earlier.release());
          });
    }

    @Override
    Deployer.Premise premise(Place place, Set<String> origins) {
      Rollbacks.Earlier chosen = earlier;
      return to != null || chosen == null
          ? super.premise(place, origins)
          : () -> chosen.requireStill(new Rollbacks(place.site()).previous(origins));
    }
  }

  /** Returns what must still hold when the lock is held, for what was chosen before. */
  Deployer.Premise premise(Place place, Set<String> origins) {
    return () -> {};
  }

  /** Finds what is brought to those origins; to all where none is named. */
  interface Choice {
    Place.Chosen choose(Place place, Set<String> origins) throws Exception;
  }

  int run(
      Action action,
      List<String> origins,
      Strategy strategy,
      boolean verify,
      Duration patience,
      Choice choice)
      throws Exception {
    Set<String> names = new TreeSet<>(origins);
    Place place = Place.open(this, names.isEmpty() ? Place.ALL : names::contains);
    List<String> known = place.site().names();
    for (String name : names) {
      if (!known.contains(name)) {
        throw Failure.unknown("there is no origin", name, known);
      }
    }
    if (action == Action.DEPLOY) {
      MountVariables.prepare(this, place, names, rollout.preview);
    }
    try (Interruption _ = Interruption.ofThisThread();
        Progress progress = rollout.progress()) {
      progress.step("Finding the release");
      Place.Chosen chosen = choice.choose(place, names);
      Order order =
          new Order(
              action,
              chosen.image(),
              chosen.release(),
              strategy,
              names,
              place.secrets(),
              rollout.terms(verify, patience));
      Deployer deployer = place.deployer(progress);
      return rollout.preview
          ? preview(deployer, order, progress)
          : deploy(deployer, order, premise(place, names), progress);
    }
  }

  private int preview(Deployer deployer, Order order, Progress progress) throws Exception {
    Plan plan = deployer.preview(order);
    progress.done();
    rollout.print(() -> json(plan, order, progress.calls()), _ -> text(plan, order));
    return ExitCode.OK;
  }

  private int deploy(Deployer deployer, Order order, Deployer.Premise premise, Progress progress)
      throws Exception {
    try {
      Outcome outcome = deployer.deploy(order, premise);
      progress.done();
      rollout.print(
          () -> OutcomeReport.json(outcome),
          terminal -> hinted(OutcomeReport.text(outcome, terminal)));
      return code(outcome.passed());
    } catch (InterruptedException _) {
      // Here, and not as an exception: this process ends as soon as what it held is given back.
      progress.failed();
      System.err.println(
          "mcpist: stopped. What a platform has begun goes on; the same command finishes the"
              + " rest.");
      return ExitCode.SOFTWARE;
    }
  }

  private static String text(Plan plan, Order order) {
    if (plan.isEmpty()) {
      return "Nothing to do: the origins run " + order.image() + " already.\n";
    }
    StringBuilder text =
        new StringBuilder("\nThis is what would be done with " + order.image() + ":\n");
    int step = 1;
    for (List<String> stage : plan.stages()) {
      text.append("  ").append(step++).append(". deploy to ").append(String.join(" and ", stage));
      text.append(order.terms().verify() ? ", and verify\n" : "\n");
    }
    return text.append("Nothing has been changed.\n").toString();
  }

  private static ObjectNode json(Plan plan, Order order, Map<String, List<String>> calls) {
    ObjectNode json =
        Output.object()
            .put("image", order.image().toString())
            .put("release", order.release())
            .putPOJO("stages", plan.stages());
    ObjectNode byOrigin = json.putObject("calls");
    plan.origins()
        .forEach(origin -> byOrigin.putPOJO(origin, calls.getOrDefault(origin, List.of())));
    return json;
  }
}
