package com.mcpist.cli;

import com.mcpist.deploy.config.Spelling;
import com.mcpist.deploy.plan.Plan;
import com.mcpist.deploy.release.Order;
import com.mcpist.deploy.release.Outcome;
import java.io.PrintStream;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import picocli.CommandLine.ExitCode;

/** What deploying and rolling back have in common: where, what, how it goes, what came of it. */
record RolloutCommand(SiteOptions where, RolloutOptions options) {
  /** What is asked for. */
  interface Asked {
    /**
     * Makes the order.
     *
     * @param origins the only ones; empty: all
     */
    Order order(Place place, Set<String> origins, Images images) throws Exception;
  }

  /**
   * Does it.
   *
   * @param origins names of the only ones; empty: all
   * @return the exit code
   */
  int run(List<String> origins, Asked asked) throws Exception {
    Set<String> names = new TreeSet<>(origins);
    PrintStream out = options.json() ? System.err : System.out;
    Terminal terminal = Terminal.detect();
    Place.Opened opened = Place.open(where, names.isEmpty() ? Place.ALL : names::contains);
    check(names, opened.place().site().names());
    try (Progress progress = new Progress(terminal, out);
        Interruption _ = Interruption.ofThisThread()) {
      Place place = opened.place();
      progress.step("Finding the release");
      Order order = asked.order(place, names, opened.images());
      RolloutProgress watcher = new RolloutProgress(progress, terminal.animated());
      if (options.preview()) {
        Plan plan = place.deployer(watcher).preview(order);
        progress.done();
        out.print(PlanReport.text(plan, order));
        return ExitCode.OK;
      }
      Outcome outcome = place.deployer(watcher).deploy(order);
      progress.done();
      System.out.print(
          options.json()
              ? OutcomeReport.json(outcome) + "\n"
              : OutcomeReport.text(outcome, terminal));
      System.out.flush();
      return outcome.passed() ? ExitCode.OK : ExitCode.SOFTWARE;
    } catch (InterruptedException _) {
      throw Failure.failed(
          "stopped. What a platform has begun goes on; the same command finishes the rest.");
    }
  }

  private static void check(Set<String> origins, List<String> known) throws Failure {
    for (String origin : origins) {
      if (!known.contains(origin)) {
        throw Failure.usage(
            "there is no origin \""
                + origin
                + "\"; there are "
                + String.join(", ", known)
                + "."
                + Spelling.hint(origin, known));
      }
    }
  }
}
