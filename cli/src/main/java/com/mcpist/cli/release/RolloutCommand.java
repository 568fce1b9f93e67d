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

  /** What every command takes that changes the origins' release, or the Worker's. */
  static final class Options extends Output.Changing {
    @Option(
        names = "--force",
        description =
            "Go on where no other origin is healthy, to what is not healthy first, and where the"
                + " deployment can neither be locked nor recorded, as the first one of all.")
    boolean force;

    @Option(
        names = "--timeout",
        paramLabel = "DURATION",
        defaultValue = "10m",
        description =
            "How long the origins may take to be healthy with it (default: ${DEFAULT-VALUE}).")
    private Duration timeout = Duration.ofMinutes(10);

    @Option(
        names = "--run",
        paramLabel = "ID",
        description =
            "What several commands have in common that are one deployment, each --origin with"
                + " --no-verify: they share its lock, which `mcpist verify --run` gives back.")
    private @Nullable String run;

    @Option(
        names = "--origin",
        paramLabel = "NAME",
        split = ",",
        description = "Only this origin; several are separated by commas.")
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
        "Brings a release to all origins, verifies it, and, where it is bad, gives every origin"
            + " back what it had.",
        "",
        "On platforms the release is an image, resolved to its digest once. On this machine it is"
            + " the build of this checkout, or an assembled program that --image names.",
        "",
        "While an origin changes, another one serves: where no other is healthy nothing is done."
            + " One deployment at a time: whoever comes second waits for a minute, and is then told"
            + " who deploys.",
        "",
        "With --json: one object {\"release\", \"digest\", \"state\", \"changed\", \"problem\","
            + " \"origins\": [{\"name\", \"result\", \"before\", \"detail\", \"seconds\"}],"
            + " \"checks\": [{\"check\", \"subject\", \"passed\", \"expected\", \"seen\","
            + " \"advice\"}], \"calls\": {\"answered\", \"failed\", \"replayed\"}, \"warnings\"};"
            + " with --dry-run {\"image\", \"release\", \"stages\": [[origin]], \"calls\": {origin:"
            + " [call]}}.",
        "",
        "With --worker the Worker on Cloudflare is what is brought out, and no origin: the bundle"
            + " that worker/build.sh has made is uploaded as a version and deployed, and the"
            + " version before is deployed again where the edge does not answer with it or is bad."
            + " With --json: {\"release\", \"version\", \"before\", \"state\", \"changed\","
            + " \"problem\", \"checks\", \"warnings\"}; with --dry-run {\"release\", \"calls\"}.",
        "",
        "Where nothing but an entrance fails that has never worked, as with a new certificate, it"
            + " is waited for, for 20 minutes, and nothing is given back for it.",
        "",
        "Exit code 1: the release is not what all origins run, or clients do not get to it."
      },
      footer = {
        "  mcpist deploy                                    what mcpist.yml names, or this build",
        "  mcpist deploy --image ghcr.io/me/notes:1.4 --strategy standby-first",
        "  mcpist deploy --platform ssh                     to all origins on hosts of your own",
        "  mcpist deploy --worker                           the built Worker, and no origin",
        "  mcpist deploy --dry-run                          what would be done"
      })
  public static final class Deploy extends RolloutCommand {
    @Option(
        names = "--image",
        paramLabel = "REF",
        description =
            "The image, by tag or digest (default: that of mcpist.yml); on this machine, the folder"
                + " of an assembled program.")
    private @Nullable String image;

    @Option(
        names = "--release",
        paramLabel = "NAME",
        description = "What people call it (default: the image's tag with how its digest begins).")
    private @Nullable String release;

    @Option(
        names = "--strategy",
        paramLabel = "STRATEGY",
        defaultValue = "simultaneous",
        description =
            "simultaneous, or standby-first: on the last origin first, and on the others once it is"
                + " verified there (default: ${DEFAULT-VALUE}).")
    private Strategy strategy = Strategy.SIMULTANEOUS;

    @Option(
        names = "--platform",
        paramLabel = "NAME",
        description =
            "Only to the origins on this platform: koyeb, fly or ssh. Where mcpist.yml has none"
                + " there, there is nothing to do.")
    private @Nullable String platform;

    @Option(
        names = "--bundle",
        paramLabel = "DIR",
        description = "With --worker: the Worker's project, built (default: worker).")
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
        "Brings the release before back, or another one of `mcpist history`, and says which.",
        "",
        "It is brought out as any release is, and comes with the environment that it had where its"
            + " platform still knows it. A rollback takes back what came after that release: the"
            + " next one goes further back.",
        "",
        "With --worker it is the Worker on Cloudflare that goes back, and no origin. Its versions"
            + " have their secrets for good: where those have changed since, it is refused without"
            + " --force.",
        "",
        "With --json: as `mcpist deploy --json`."
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
        description = "What it was called, or how its digest begins (default: the one before).")
    private @Nullable String to;

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
            Rollbacks.Earlier earlier =
                to == null ? rollbacks.previous(names) : rollbacks.named(to);
            return new Place.Chosen(earlier.image(), earlier.release());
          });
    }
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
          : deploy(deployer, order, progress);
    }
  }

  private int preview(Deployer deployer, Order order, Progress progress) throws Exception {
    Plan plan = deployer.preview(order);
    progress.done();
    rollout.print(() -> json(plan, order, progress.calls()), _ -> text(plan, order));
    return ExitCode.OK;
  }

  private int deploy(Deployer deployer, Order order, Progress progress) throws Exception {
    try {
      Outcome outcome = deployer.deploy(order);
      progress.done();
      rollout.print(
          () -> OutcomeReport.json(outcome), terminal -> OutcomeReport.text(outcome, terminal));
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
