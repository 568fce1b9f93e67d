package com.mcpist.cli;

import com.mcpist.deploy.config.DeploymentFile;
import com.mcpist.deploy.config.Spelling;
import com.mcpist.drill.Fault;
import com.mcpist.drill.GameDay;
import com.mcpist.drill.GameDay.Blueprint;
import com.mcpist.drill.GameDay.Plan;
import com.mcpist.drill.GameDay.RefusedException;
import com.mcpist.drill.Report;
import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Breaks a pair on purpose, and tells what came of it. */
@Command(
    name = "drill",
    description = {
      "The game day: breaks whichever origin serves, again and again, while clients call a tool"
          + " that writes, and counts in the database what was lost or done twice. The data is"
          + " afterwards as it was.",
      "",
      "The faults kill, hang and database are those of the pair that is up; partition,"
          + " partition-database and reset need links that can be broken and are those of a"
          + " throw-away pair, which is used for all where no pair is up, or where"
          + " it asks its clients who they are. A pair with a"
          + " DATABASE_URL is never broken.",
      "",
      "With --json: an array of {\"fault\", \"calls\", \"inFlight\", \"faultsInFlight\","
          + " \"failed\", \"lost\", \"duplicated\", \"p50Millis\", \"p99Millis\","
          + " \"p99BeforeMillis\", \"p99AfterMillis\", \"maxMillis\", \"failoverMillis\","
          + " \"failbackMillis\", \"failures\"}.",
      "",
      "Exit code 1: a call failed, was lost, or ran twice."
    },
    footer = {
      "",
      "Examples:",
      "  mcpist drill                               every fault, some minutes",
      "  mcpist drill --fault kill --calls 500",
      "  mcpist drill --fault hang,partition --json | jq '.[].maxMillis'"
    })
final class DrillCommand implements Callable<Integer> {
  private static final String ALL = "all";
  private static final int MOST_CALLS = 1_000_000;
  private static final int MOST_CLIENTS = 200;
  private static final Duration CLEANUP_LIMIT = Duration.ofMinutes(3);

  @Mixin private DataOption data = new DataOption();

  @Option(
      names = "--fault",
      paramLabel = "FAULT",
      split = ",",
      defaultValue = ALL,
      description =
          "kill, hang, partition, partition-database, reset, database or all; several are"
              + " separated by commas (default: ${DEFAULT-VALUE}).")
  private List<String> faults = List.of(ALL);

  @Option(
      names = "--calls",
      paramLabel = "N",
      defaultValue = "2000",
      description =
          "Calls for each fault, at least; there is a fault for every 100 of them, six at most"
              + " (default: ${DEFAULT-VALUE}).")
  private int calls;

  @Option(
      names = "--clients",
      paramLabel = "N",
      defaultValue = "16",
      description = "Clients that call at the same time (default: ${DEFAULT-VALUE}).")
  private int clients;

  @Option(names = "--json", description = "For programs; progress goes to standard error.")
  private boolean json;

  @Override
  public Integer call() throws Exception {
    Plan plan = plan();
    Blueprint blueprint =
        new Blueprint(
            App.folder(),
            Release.name(),
            DeploymentFile.find(Main.callersFolder()),
            System.getenv());
    List<Report> reports = new ArrayList<>();
    CountDownLatch over = new CountDownLatch(1);
    Thread drill = Thread.currentThread();
    Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().unstarted(() -> stop(drill, over)));
    PrintStream out = json ? System.err : System.out;
    try (Progress progress = new Progress(Terminal.detect(), out)) {
      GameDay.hold(plan, data.folder(), blueprint, new DrillProgress(progress, reports::add));
      progress.done();
    } catch (RefusedException e) {
      throw Failure.usage(String.valueOf(e.getMessage()));
    } catch (InterruptedException _) {
      System.err.println("mcpist: the drill was stopped; what it has saved is taken away again.");
    } finally {
      show(reports, reports.size() == plan.faults().size());
      over.countDown();
    }
    return reports.size() == plan.faults().size() && reports.stream().allMatch(Report::passed)
        ? ExitCode.OK
        : ExitCode.SOFTWARE;
  }

  private Plan plan() throws Failure {
    if (calls < 1 || calls > MOST_CALLS) {
      throw Failure.usage("--calls must be 1 to " + MOST_CALLS + ", not " + calls);
    }
    if (clients < 1 || clients > MOST_CLIENTS) {
      throw Failure.usage("--clients must be 1 to " + MOST_CLIENTS + ", not " + clients);
    }
    if (faults.contains(ALL)) {
      return new Plan(List.of(Fault.values()), calls, clients);
    }
    List<Fault> chosen = new ArrayList<>();
    for (String fault : faults) {
      chosen.add(Fault.of(fault).orElseThrow(() -> unknown(fault)));
    }
    return new Plan(chosen.stream().distinct().toList(), calls, clients);
  }

  private static Failure unknown(String fault) {
    List<String> known = new ArrayList<>(Fault.labels());
    known.add(ALL);
    return Failure.usage(
        "--fault must be one of "
            + String.join(", ", known)
            + ", not "
            + fault
            + "."
            + Spelling.hint(fault, known));
  }

  /** What is known so far is told, also when the rest did not come about. */
  private void show(List<Report> reports, boolean complete) {
    if (json) {
      System.out.println(Report.json(reports));
    } else if (!reports.isEmpty()) {
      System.out.print("\n" + DrillTable.render(reports, complete, Terminal.detect()));
    }
    System.out.flush();
  }

  /** On Ctrl-C: the drill takes away what it has saved and started before this process ends. */
  private static void stop(Thread drill, CountDownLatch over) {
    if (over.getCount() == 0) {
      return;
    }
    drill.interrupt();
    try {
      over.await(CLEANUP_LIMIT.toSeconds(), TimeUnit.SECONDS);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }
}
