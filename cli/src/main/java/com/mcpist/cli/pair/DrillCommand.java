package com.mcpist.cli.pair;

import module java.base;

import com.mcpist.cli.console.Failure;
import com.mcpist.cli.console.Interruption;
import com.mcpist.cli.console.Output;
import com.mcpist.cli.console.Progress;
import com.mcpist.cli.console.Terminal;
import com.mcpist.cli.console.TextTable;
import com.mcpist.cli.console.Wrap;
import com.mcpist.cli.site.SiteCommand.App;
import com.mcpist.cli.site.SiteCommand.PairCommand;
import com.mcpist.deploy.admin.AdminPath;
import com.mcpist.deploy.admin.AdminPath.Access;
import com.mcpist.deploy.admin.AdminPath.AdminException;
import com.mcpist.deploy.admin.AdminPath.Event;
import com.mcpist.deploy.config.Spelling;
import com.mcpist.deploy.time.Deadline;
import com.mcpist.deploy.time.Time;
import com.mcpist.drill.Fault;
import com.mcpist.drill.Fault.RefusedException;
import com.mcpist.drill.GameDay;
import com.mcpist.drill.GameDay.Plan;
import com.mcpist.drill.GameDay.ThrowAwayPair.Blueprint;
import com.mcpist.drill.Report;
import com.mcpist.pair.control.PairStatus;
import com.mcpist.pair.control.PairStatus.PairAccess;
import com.mcpist.pair.data.PairException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "drill",
    description = {
      "Breaks origins under load, and counts lost and doubled calls.",
      "",
      "Clients call a tool that writes, while faults hit whichever origin serves, again and"
          + " again. The database says what was lost or done twice. Afterwards the data is as"
          + " before.",
      "",
      "The faults kill, hang, database, edge and client break the pair that is up. All"
          + " others break a throw-away pair. So does every fault if no pair is up, or if the pair"
          + " asks clients for keys or tokens. A pair on a DATABASE_URL is never broken.",
      "",
      "--json prints an array of {\"fault\", \"calls\", \"inFlight\", \"faultsInFlight\","
          + " \"failed\", \"lost\", \"duplicated\", \"p50Millis\", \"p99Millis\","
          + " \"p99BeforeMillis\", \"p99AfterMillis\", \"maxMillis\", \"failoverMillis\","
          + " \"failbackMillis\", \"failures\"}.",
      "",
      "Exit code 1: a call failed, was lost, or ran twice."
    },
    footer = {
      "  # Every fault, which takes some minutes:",
      "  mcpist drill",
      "  mcpist drill --fault kill --calls 500",
      "  mcpist drill --fault hang,partition --json | jq '.[].maxMillis'"
    })
public final class DrillCommand extends PairCommand {
  private static final String ALL = "all";
  private static final Duration CLEANUP_LIMIT = Duration.ofMinutes(3);
  private static final Duration EVENT_LIMIT = Duration.ofSeconds(10);

  @Mixin private Output output = new Output();

  @Option(
      names = "--fault",
      paramLabel = "FAULT",
      split = ",",
      defaultValue = ALL,
      description =
          "kill, hang, partition, partition-database, reset, database, read-only, cancel,"
              + " lock, edge, client or all; commas separate several (default: ${DEFAULT-VALUE}).")
  private List<String> faults = List.of(ALL);

  @Option(
      names = "--calls",
      paramLabel = "N",
      defaultValue = "2000",
      description =
          "Calls for each kind of fault, at least. A fault strikes every 100 calls, six"
              + " times at most (default: ${DEFAULT-VALUE}).")
  private int calls;

  @Option(
      names = "--clients",
      paramLabel = "N",
      defaultValue = "16",
      description = "Clients that call at the same time (default: ${DEFAULT-VALUE}).")
  private int clients;

  @Override
  public Integer call() throws Exception {
    Plan plan = plan();
    Blueprint blueprint =
        new Blueprint(App.folder(), App.release(), App.deployment(), System.getenv());
    List<Report> reports = new ArrayList<>();
    // On Ctrl-C the drill takes away what it has saved and started before this process ends.
    try (Interruption _ = new Interruption(Thread.currentThread()::interrupt, CLEANUP_LIMIT)) {
      try (Progress progress = output.progress()) {
        Instant begun = Instant.now();
        GameDay.hold(plan, folder(), blueprint, progress, reports::add);
        keep(begun, reports);
        progress.done();
      } catch (RefusedException e) {
        throw Failure.usage(String.valueOf(e.getMessage()));
      } catch (InterruptedException _) {
        System.err.println("mcpist: the drill was stopped; what it has saved is taken away again.");
      } finally {
        // What is known so far is told, also when the rest did not come about.
        show(reports, reports.size() == plan.faults().size());
      }
    }
    boolean complete = reports.size() == plan.faults().size();
    return complete && reports.stream().allMatch(Report::passed) ? ExitCode.OK : ExitCode.SOFTWARE;
  }

  /** Among the events of the pair that is up, if one is. */
  private void keep(Instant begun, List<Report> reports)
      throws PairException, InterruptedException {
    Optional<PairStatus> status = pair().status();
    Optional<PairAccess> access = pair().access();
    if (status.isEmpty() || access.isEmpty()) {
      return;
    }
    String message =
        "%s: %d calls, %d failed, %d lost, %d ran twice"
            .formatted(
                reports.stream().map(Report::fault).collect(Collectors.joining(", ")),
                reports.stream().mapToLong(Report::calls).sum(),
                reports.stream().mapToLong(Report::failed).sum(),
                reports.stream().mapToLong(Report::lost).sum(),
                reports.stream().mapToLong(Report::duplicated).sum());
    List<URI> origins = status.get().origins().stream().map(o -> URI.create(o.url())).toList();
    Access secrets = new Access(access.get().gatewaySecret(), access.get().adminToken());
    try {
      new AdminPath(origins, List.of(secrets), Time.system())
          .keep(
              Event.since(begun, "drill", Optional.empty(), message),
              Deadline.in(EVENT_LIMIT, Time.system()));
    } catch (AdminException e) {
      System.err.println("mcpist: the drill is not among the events: " + e.getMessage());
    }
  }

  private Plan plan() throws Failure {
    Failure.unlessBetween("--calls", calls, 1, 1_000_000);
    Failure.unlessBetween("--clients", clients, 1, 200);
    if (faults.contains(ALL)) {
      return new Plan(List.of(Fault.values()), calls, clients);
    }
    Set<Fault> chosen = new LinkedHashSet<>();
    for (String fault : faults) {
      chosen.add(Fault.of(fault).orElseThrow(() -> unknown(fault)));
    }
    return new Plan(List.copyOf(chosen), calls, clients);
  }

  private static Failure unknown(String fault) {
    List<String> known = new ArrayList<>(Fault.labels());
    known.add(ALL);
    return Failure.usage(
        "--fault must be one of %s, not %s.%s"
            .formatted(String.join(", ", known), fault, Spelling.hint(fault, known)));
  }

  private void show(List<Report> reports, boolean complete) {
    if (output.json()) {
      Output.print(Report.json(reports) + "\n");
    } else if (!reports.isEmpty()) {
      Output.print("\n" + table(reports, complete, Terminal.detect()));
    }
  }

  static String table(List<Report> reports, boolean complete, Terminal terminal) {
    StringBuilder text = new StringBuilder();
    text.append(counts(reports, terminal));
    text.append(
        """
        IN FLIGHT: calls under way when a fault struck. FAULTS: faults that struck one.

        """);
    text.append(times(reports));
    text.append(
        """
        Milliseconds. BEFORE, AFTER: P99 before a fault, and after another origin took
        over. STANDBY: until it did. PRIMARY: until the primary served again.

        """);
    for (Report report : reports) {
      report.failures().forEach((said, count) -> text.append(failure(report.fault(), count, said)));
    }
    return text + verdict(reports, complete, terminal);
  }

  private static String counts(List<Report> reports, Terminal terminal) {
    UnaryOperator<String> bad =
        cell -> cell.strip().matches("[1-9][0-9]*") ? terminal.red(cell) : cell;
    return new TextTable<>(reports)
        .column("FAULT", Report::fault)
        .number("CALLS", Report::calls)
        .number("FAILED", Report::failed, bad)
        .number("LOST", Report::lost, bad)
        .number("TWICE", Report::duplicated, bad)
        .number("IN FLIGHT", Report::inFlight)
        .number("FAULTS", Report::faultsInFlight)
        .render();
  }

  private static String times(List<Report> reports) {
    return new TextTable<>(reports)
        .column("FAULT", Report::fault)
        .number("P50", report -> millis(report.p50Millis()))
        .number("P99", report -> millis(report.p99Millis()))
        .number("BEFORE", report -> millis(report.p99BeforeMillis()))
        .number("AFTER", report -> millis(report.p99AfterMillis()))
        .number("LONGEST", report -> millis(report.maxMillis()))
        .number("STANDBY", report -> millis(report.failoverMillis()))
        .number("PRIMARY", report -> millis(report.failbackMillis()))
        .render();
  }

  private static String failure(String fault, int count, String said) {
    return Wrap.paragraph("%s: %d × %s".formatted(fault, count, said), 2);
  }

  private static String millis(@Nullable Double millis) {
    if (millis == null) {
      return "-";
    }
    return String.format(Locale.ROOT, millis < 100 ? "%.1f" : "%.0f", millis);
  }

  private static String verdict(List<Report> reports, boolean complete, Terminal terminal) {
    if (!reports.stream().allMatch(Report::passed)) {
      return terminal.red("Not passed") + ": a call failed, was lost or ran twice.\n";
    }
    return complete
        ? terminal.green("Passed") + ": no call failed, was lost or ran twice.\n"
        : terminal.red("Not finished") + ": what is above passed, the rest was not tried.\n";
  }
}
