package com.mcpist.cli.pair;

import module java.base;

import com.mcpist.cli.console.Failure;
import com.mcpist.cli.console.Interruption;
import com.mcpist.cli.console.Output;
import com.mcpist.cli.console.Progress;
import com.mcpist.cli.console.Terminal;
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
import com.mcpist.drill.tool.CountingServer.Settings;
import com.mcpist.drill.tool.Tool;
import com.mcpist.pair.control.PairStatus;
import com.mcpist.pair.control.PairStatus.PairAccess;
import com.mcpist.pair.data.PairException;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "drill",
    description = {
      "Breaks origins under load, and counts lost and doubled calls.",
      "",
      "Clients call tools, while faults hit whichever origin serves, again and again. The"
          + " database, or the mounted server, says what was lost or done twice. Afterwards the"
          + " data is as before.",
      "",
      "The faults kill, hang, database, edge and client break the pair that is up. All"
          + " others break a throw-away pair. So does every fault if no pair is up, or if the pair"
          + " asks clients for keys or tokens. A pair on a DATABASE_URL is never broken.",
      "",
      "The tool memory is memory_save. All others are tools of a mounted server, which is"
          + " a part of the drill: reads only reads, idempotent may run again, keyed may run again"
          + " under its key, and once may not run again. They are called at a throw-away pair, over"
          + " stdio and over HTTP. Your own mounted servers are never called.",
      "",
      "--json prints an array of {\"fault\", \"tool\", \"transport\" (null for memory),"
          + " \"calls\", \"inFlight\", \"faultsInFlight\", \"failed\", \"unknown\", \"lost\","
          + " \"duplicated\", \"late\", \"p50Millis\", \"p99Millis\", \"p99BeforeMillis\","
          + " \"p99AfterMillis\", \"maxMillis\", \"failoverMillis\", \"failbackMillis\","
          + " \"failures\"}.",
      "",
      "Exit code 1: a call failed, was lost, or ran twice or late. A call of once whose"
          + " outcome is unknown has not failed."
    },
    footer = {
      "  # Every fault, which takes some minutes:",
      "  mcpist drill",
      "  mcpist drill --fault kill --calls 500",
      "  mcpist drill --fault kill,hang --tools reads,keyed,once",
      "  mcpist drill --fault hang,partition --json | jq '.[].maxMillis'"
    })
public final class DrillCommand extends PairCommand {
  private static final String ALL = "all";

  /** What a pair accepts of a mounted server: a result of a tool that acts may have 1 MiB. */
  private static final int MOST_KIB = 1000;

  /** An origin waits for a mounted server that no origin has seen for as long. */
  private static final Duration LONGEST_START = Duration.ofSeconds(20);

  private static final Duration LONGEST_ANSWER = Duration.ofSeconds(20);
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
      names = "--tools",
      paramLabel = "TOOL",
      split = ",",
      defaultValue = "memory",
      description =
          "memory, reads, idempotent, keyed, once or all; commas separate several"
              + " (default: ${DEFAULT-VALUE}).")
  private List<String> tools = List.of(Tool.MEMORY.label());

  @Option(
      names = "--calls",
      paramLabel = "N",
      defaultValue = "2000",
      description =
          "Calls for each kind of fault, at least: of memory, and once more of all mounted"
              + " tools in turn. A fault strikes every 100 calls, six times at most (default:"
              + " ${DEFAULT-VALUE}).")
  private int calls;

  @Option(
      names = "--clients",
      paramLabel = "N",
      defaultValue = "16",
      description = "Clients that call at the same time (default: ${DEFAULT-VALUE}).")
  private int clients;

  @Option(
      names = "--mount-start",
      paramLabel = "DURATION",
      defaultValue = "2s",
      description =
          "How long a mounted server takes to answer initialize (default: ${DEFAULT-VALUE}).")
  private Duration mountStart = Duration.ofSeconds(2);

  @Option(
      names = "--mount-answer",
      paramLabel = "DURATION",
      defaultValue = "100ms",
      description =
          "How long a mounted server takes to answer a call, after its effect (default:"
              + " ${DEFAULT-VALUE}).")
  private Duration mountAnswer = Duration.ofMillis(100);

  @Option(
      names = "--mount-answer-kib",
      paramLabel = "N",
      defaultValue = "16",
      description = "KiB of a mounted server's answer to a call (default: ${DEFAULT-VALUE}).")
  private int mountAnswerKib;

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
        show(reports, reports.size() == plan.reports());
      }
    }
    boolean complete = reports.size() == plan.reports();
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
                reports.stream().map(Report::fault).distinct().collect(Collectors.joining(", ")),
                reports.stream().mapToLong(Report::calls).sum(),
                reports.stream().mapToLong(Report::failed).sum(),
                reports.stream().mapToLong(Report::lost).sum(),
                reports.stream().mapToLong(report -> report.duplicated() + report.late()).sum());
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
    Failure.unlessBetween("--mount-answer-kib", mountAnswerKib, 0, MOST_KIB);
    shorter("--mount-start", mountStart, LONGEST_START);
    shorter("--mount-answer", mountAnswer, LONGEST_ANSWER);
    return new Plan(
        chosen("--fault", faults, Fault.labels(), Fault::of, List.of(Fault.values())),
        chosen("--tools", tools, Tool.labels(), Tool::of, List.of(Tool.values())),
        calls,
        clients,
        new Settings(mountStart, mountAnswer, mountAnswerKib * 1024));
  }

  private static void shorter(String option, Duration value, Duration most) throws Failure {
    if (value.compareTo(most) > 0) {
      throw Failure.usage("%s must be at most %d s".formatted(option, most.toSeconds()));
    }
  }

  /** What an option's words name, without repeats. */
  private static <T> List<T> chosen(
      String option,
      List<String> words,
      List<String> labels,
      Function<String, Optional<T>> find,
      List<T> all)
      throws Failure {
    if (words.contains(ALL)) {
      return all;
    }
    Set<T> chosen = new LinkedHashSet<>();
    for (String word : words) {
      chosen.add(find.apply(word).orElseThrow(() -> unknown(option, word, labels)));
    }
    return List.copyOf(chosen);
  }

  private static Failure unknown(String option, String word, List<String> labels) {
    List<String> known = new ArrayList<>(labels);
    known.add(ALL);
    return Failure.usage(
        "%s must be one of %s, not %s.%s"
            .formatted(option, String.join(", ", known), word, Spelling.hint(word, known)));
  }

  private void show(List<Report> reports, boolean complete) {
    if (output.json()) {
      Output.print(Report.json(reports) + "\n");
    } else if (!reports.isEmpty()) {
      Output.print("\n" + DrillTables.of(reports, complete, Terminal.detect()));
    }
  }
}
