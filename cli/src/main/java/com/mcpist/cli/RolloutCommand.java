package com.mcpist.cli;

import com.mcpist.deploy.config.Spelling;
import com.mcpist.deploy.release.Deployer;
import com.mcpist.deploy.release.Order;
import com.mcpist.deploy.release.Outcome;
import com.mcpist.deploy.release.Plan;
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
    Terminal terminal = Terminal.detect();
    PrintStream out = options.json() ? System.err : System.out;
    Place.Opened opened = Place.open(where, names.isEmpty() ? Place.ALL : names::contains);
    check(names, opened.place().site().names());
    try (Interruption _ = Interruption.ofThisThread();
        Progress progress = new Progress(terminal, out)) {
      progress.step("Finding the release");
      Order order = asked.order(opened.place(), names, opened.images());
      RolloutProgress watcher = new RolloutProgress(progress, terminal.animated());
      Deployer deployer = opened.place().deployer(watcher);
      return options.preview()
          ? preview(deployer, order, watcher, progress, out)
          : deploy(deployer, order, progress, terminal);
    }
  }

  private int preview(
      Deployer deployer, Order order, RolloutProgress watcher, Progress progress, PrintStream out)
      throws Exception {
    Plan plan = deployer.preview(order);
    progress.done();
    if (options.json()) {
      System.out.println(PlanReport.json(plan, order, watcher.calls()));
    } else {
      out.print(PlanReport.text(plan, order));
    }
    return ExitCode.OK;
  }

  private int deploy(Deployer deployer, Order order, Progress progress, Terminal terminal)
      throws Exception {
    try {
      Outcome outcome = deployer.deploy(order);
      progress.done();
      System.out.print(
          options.json()
              ? OutcomeReport.json(outcome) + "\n"
              : OutcomeReport.text(outcome, terminal));
      System.out.flush();
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
