package com.mcpist.cli.pair;

import module java.base;

import com.mcpist.cli.console.Terminal;
import com.mcpist.cli.console.TextTable;
import com.mcpist.cli.console.Wrap;
import com.mcpist.drill.Report;
import org.jspecify.annotations.Nullable;

/** What a drill has found, for people: tables of the memory's tool, and of mounted tools. */
final class DrillTables {
  private DrillTables() {}

  /** Returns the tables, what failed calls said, and the verdict; complete: nothing is missing. */
  static String of(List<Report> reports, boolean complete, Terminal terminal) {
    List<Report> memory = reports.stream().filter(report -> !report.mounted()).toList();
    List<Report> mounted = reports.stream().filter(Report::mounted).toList();
    StringBuilder text = new StringBuilder();
    if (!memory.isEmpty()) {
      text.append(memory(memory, terminal));
    }
    if (!mounted.isEmpty()) {
      text.append(mounted(mounted, terminal));
    }
    for (Report report : reports) {
      String of =
          report.mounted()
              ? "%s, %s over %s".formatted(report.fault(), report.tool(), report.transport())
              : report.fault();
      report.failures().forEach((said, count) -> text.append(failure(of, count, said)));
    }
    return text + verdict(reports, complete, terminal);
  }

  private static String memory(List<Report> reports, Terminal terminal) {
    return counts(reports, terminal)
        + """
        IN FLIGHT: calls under way when a fault struck. FAULTS: faults that struck one.

        """
        + times(reports)
        + """
        Milliseconds. BEFORE, AFTER: P99 before a fault, and after another origin took
        over. STANDBY: until it did. PRIMARY: until the primary served again.

        """;
  }

  private static String mounted(List<Report> reports, Terminal terminal) {
    UnaryOperator<String> bad = bad(terminal);
    return mountedTools(reports)
            .number("CALLS", Report::calls)
            .number("FAILED", Report::failed, bad)
            .number("UNKNOWN", Report::unknown)
            .number("LOST", Report::lost, bad)
            .number("TWICE", Report::duplicated, bad)
            .number("LATE", Report::late, bad)
            .render()
        + """
        UNKNOWN: calls whose client was told that the outcome is unknown.
        LATE: effects that came after that.

        """
        + mountedTools(reports)
            .number("IN FLIGHT", Report::inFlight)
            .number("P50", report -> millis(report.p50Millis()))
            .number("P99", report -> millis(report.p99Millis()))
            .number("LONGEST", report -> millis(report.maxMillis()))
            .number("STANDBY", report -> millis(report.failoverMillis()))
            .render()
        + """
        IN FLIGHT: calls under way when a fault struck. Times in milliseconds.

        """;
  }

  private static TextTable<Report> mountedTools(List<Report> reports) {
    return new TextTable<>(reports)
        .column("FAULT", Report::fault)
        .column("TOOL", Report::tool)
        .column("OVER", report -> TextTable.orDash(report.transport()));
  }

  private static UnaryOperator<String> bad(Terminal terminal) {
    return cell -> cell.strip().matches("[1-9][0-9]*") ? terminal.red(cell) : cell;
  }

  private static String counts(List<Report> reports, Terminal terminal) {
    UnaryOperator<String> bad = bad(terminal);
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
