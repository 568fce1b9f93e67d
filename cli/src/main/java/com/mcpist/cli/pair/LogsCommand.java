package com.mcpist.cli.pair;

import module java.base;

import com.mcpist.cli.console.Failure;
import com.mcpist.cli.console.Output;
import com.mcpist.cli.console.Terminal;
import com.mcpist.cli.site.SiteCommand.PairCommand;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "logs",
    description = {
      "Shows the last log events of the pair's programs, by time.",
      "",
      "The programs are the origins, the edge, postgres and the supervisor. Each event is"
          + " one line. The pair does not have to run.",
      "",
      "--json prints an object a line: {\"at\", \"program\", \"level\", \"logger\","
          + " \"message\", \"callId\", \"error\"}; error has the further lines of an event, such"
          + " as a stack trace."
    },
    footer = {
      "  mcpist logs",
      "  # One program, and what comes:",
      "  mcpist logs -f koyeb-primary",
      "  # All about a call:",
      "  mcpist logs -n 1000 --json | jq 'select(.callId == \"ID\")'"
    })
public final class LogsCommand extends PairCommand {
  private static final String SUFFIX = ".log";
  private static final long POLL_MILLIS = 200;

  /** Of a file is read what so many of its events may have at most. */
  private static final long EVENT_BYTES = 4096;

  @Option(
      names = {"-f", "--follow"},
      description = "Go on with new events, until Ctrl-C.")
  private boolean follow;

  @Option(
      names = {"-n", "--lines"},
      paramLabel = "N",
      defaultValue = "100",
      description = "How many events (default: ${DEFAULT-VALUE}).")
  private int lines;

  @Option(names = "--json", description = "Print JSON, for programs.")
  private boolean json;

  @Parameters(
      arity = "0..1",
      paramLabel = "PROGRAM",
      description = "Only this program: an origin's name, edge, postgres or supervisor.")
  private String only = "";

  @Override
  public Integer call() throws Exception {
    int most = Math.max(0, lines);
    Path folder = folder().resolve("logs");
    List<String> names = chosen(names(folder));
    List<ProgramLog> logs = new ArrayList<>();
    for (String name : names) {
      logs.add(new ProgramLog(folder.resolve(name + SUFFIX), name, most * EVENT_BYTES));
    }
    // The brackets of a program's name, too.
    int width = names.stream().mapToInt(String::length).max().orElse(0) + 2;
    List<LogEvent> last = next(logs);
    show(last.subList(Math.max(0, last.size() - most), last.size()), width);
    while (follow && !System.out.checkError()) {
      TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
      show(next(logs), width);
    }
    return ExitCode.OK;
  }

  /** Of all programs, in the order of their times. */
  private static List<LogEvent> next(List<ProgramLog> logs) throws IOException {
    List<LogEvent> events = new ArrayList<>();
    for (ProgramLog log : logs) {
      events.addAll(log.next());
    }
    events.sort(Comparator.comparing(LogEvent::at));
    return events;
  }

  private void show(List<LogEvent> events, int width) {
    Terminal terminal = Terminal.detect();
    events.forEach(
        event ->
            System.out.print(
                json ? Output.json(event.json()) : event.text(terminal, width) + "\n"));
    System.out.flush();
  }

  private List<String> chosen(List<String> names) throws Failure {
    if (names.isEmpty()) {
      throw Failure.failed("no pair has run in " + folder() + " yet. `mcpist up` starts one.");
    }
    if (only.isEmpty()) {
      return names;
    }
    if (!names.contains(only)) {
      throw Failure.unknown("no log is named", only, names);
    }
    return List.of(only);
  }

  private static List<String> names(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(SUFFIX))
          .map(name -> name.substring(0, name.length() - SUFFIX.length()))
          .sorted()
          .toList();
    }
  }
}
