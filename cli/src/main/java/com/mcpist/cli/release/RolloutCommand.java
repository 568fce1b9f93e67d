package com.mcpist.cli.release;

import com.mcpist.cli.console.Failure;
import com.mcpist.cli.console.Interruption;
import com.mcpist.cli.console.Output;
import com.mcpist.cli.console.Progress;
import com.mcpist.cli.site.Place;
import com.mcpist.cli.site.SiteOptions;
import com.mcpist.deploy.plan.Plan;
import com.mcpist.deploy.release.Deployer;
import com.mcpist.deploy.release.Order;
import com.mcpist.deploy.release.Outcome;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Option;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** What deploying and rolling back have in common: where, what, how it goes, what came of it. */
record RolloutCommand(SiteOptions where, Options options) {
  /** What every command takes that changes the origins' release, or the Worker's. */
  static final class Options extends Output {
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
        names = "--wait",
        paramLabel = "DURATION",
        defaultValue = "1m",
        description =
            "How long to wait for somebody else's deployment (default: ${DEFAULT-VALUE}).")
    private Duration wait = Duration.ofMinutes(1);

    @Option(names = "--dry-run", description = "Show what would be done; change nothing.")
    boolean preview;

    @Option(
        names = "--run",
        paramLabel = "ID",
        description =
            "What several commands have in common that are one deployment, each --origin with"
                + " --no-verify: they share its lock, which `mcpist verify --run` gives back.")
    private @Nullable String run;

    Optional<String> run() {
      return Optional.ofNullable(run);
    }

    /**
     * How long things may take.
     *
     * @param verification how long a check may fail once the origins are healthy
     */
    Order.Limits limits(Duration verification) {
      return new Order.Limits(timeout, verification, wait);
    }
  }

  /** What is asked for. */
  interface Asked {
    /**
     * Makes the order.
     *
     * @param origins the only ones; empty: all
     */
    Order order(Place place, Set<String> origins) throws Exception;
  }

  /**
   * Does it.
   *
   * @param origins names of the only ones; empty: all
   * @return the exit code
   */
  int run(List<String> origins, Asked asked) throws Exception {
    Set<String> names = new TreeSet<>(origins);
    Place place = Place.open(where, names.isEmpty() ? Place.ALL : names::contains);
    List<String> known = place.site().names();
    for (String name : names) {
      if (!known.contains(name)) {
        throw Failure.unknown("there is no origin", name, known);
      }
    }
    try (Interruption _ = Interruption.ofThisThread();
        Progress progress = options.progress()) {
      progress.step("Finding the release");
      Order order = asked.order(place, names);
      Deployer deployer = place.deployer(progress);
      return options.preview
          ? preview(deployer, order, progress)
          : deploy(deployer, order, progress);
    }
  }

  private int preview(Deployer deployer, Order order, Progress progress) throws Exception {
    Plan plan = deployer.preview(order);
    progress.done();
    options.print(() -> json(plan, order, progress.calls()), _ -> text(plan, order));
    return ExitCode.OK;
  }

  private int deploy(Deployer deployer, Order order, Progress progress) throws Exception {
    try {
      Outcome outcome = deployer.deploy(order);
      progress.done();
      options.print(
          () -> OutcomeReport.json(outcome), terminal -> OutcomeReport.text(outcome, terminal));
      return outcome.passed() ? ExitCode.OK : ExitCode.SOFTWARE;
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
      text.append(order.verify() ? ", and verify\n" : "\n");
    }
    return text.append("Nothing has been changed.\n").toString();
  }

  private static ObjectNode json(Plan plan, Order order, Map<String, List<String>> calls) {
    ObjectNode json =
        JsonMapper.shared()
            .createObjectNode()
            .put("image", order.image().toString())
            .put("release", order.release())
            .putPOJO("stages", plan.stages());
    ObjectNode byOrigin = json.putObject("calls");
    plan.origins()
        .forEach(origin -> byOrigin.putPOJO(origin, calls.getOrDefault(origin, List.of())));
    return json;
  }
}
