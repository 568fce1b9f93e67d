package com.mcpist.cli;

import com.mcpist.drill.Report;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What a drill found, for people. */
final class DrillTable {
  private static final List<String> HEAD =
      List.of(
          "FAULT",
          "CALLS",
          "IN FLIGHT",
          "FAILED",
          "LOST",
          "TWICE",
          "P50",
          "P99",
          "BEFORE",
          "AFTER",
          "LONGEST",
          "STANDBY",
          "PRIMARY");
  private static final int FIRST_BAD = 3;
  private static final int LAST_BAD = 5;

  private DrillTable() {}

  /**
   * The table, and what it comes to.
   *
   * @param complete whether every fault that was asked for is in it
   */
  static String render(List<Report> reports, boolean complete, Terminal terminal) {
    List<List<String>> rows = new ArrayList<>();
    rows.add(HEAD);
    reports.forEach(report -> rows.add(row(report)));
    StringBuilder text =
        new StringBuilder(
            TextTable.render(rows, 1, (column, cell) -> coloured(column, cell, terminal)));
    text.append(
        """

        Times are in milliseconds. BEFORE and AFTER are the P99 before a fault and after another origin took over; STANDBY
        is how long that took, PRIMARY how long until the primary served again.
        """);
    for (Report report : reports) {
      report
          .failures()
          .forEach(
              (said, times) -> text.append("%s: %d × %s%n".formatted(report.fault(), times, said)));
    }
    return text + verdict(reports, complete, terminal);
  }

  private static List<String> row(Report report) {
    return List.of(
        report.fault(),
        Integer.toString(report.calls()),
        report.inFlight() + " at " + report.faultsInFlight(),
        Integer.toString(report.failed()),
        Integer.toString(report.lost()),
        Integer.toString(report.duplicated()),
        millis(report.p50Millis()),
        millis(report.p99Millis()),
        millis(report.p99BeforeMillis()),
        millis(report.p99AfterMillis()),
        millis(report.maxMillis()),
        millis(report.failoverMillis()),
        millis(report.failbackMillis()));
  }

  private static String millis(@Nullable Double millis) {
    if (millis == null) {
      return "-";
    }
    return String.format(Locale.ROOT, millis < 100 ? "%.1f" : "%.0f", millis);
  }

  private static String coloured(int column, String cell, Terminal terminal) {
    boolean bad = column >= FIRST_BAD && column <= LAST_BAD && cell.strip().matches("[1-9][0-9]*");
    return bad ? terminal.red(cell) : cell;
  }

  private static String verdict(List<Report> reports, boolean complete, Terminal terminal) {
    if (!reports.stream().allMatch(Report::passed)) {
      return terminal.red("Not passed") + ": a call failed, was lost or ran twice.\n";
    }
    return complete
        ? terminal.green("Passed") + ": no call failed, was lost or ran twice.\n"
        : terminal.red("Not finished") + ": what is above passed, and the rest was not tried.\n";
  }
}
