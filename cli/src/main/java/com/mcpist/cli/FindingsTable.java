package com.mcpist.cli;

import com.mcpist.deploy.verify.Finding;
import java.util.ArrayList;
import java.util.List;

/** What a verification found, for people: a tick or a cross, and what to do. */
final class FindingsTable {
  private static final List<String> HEAD = List.of("", "CHECK", "OF", "EXPECTED", "SEEN");
  private static final int LONGEST = 60;

  private FindingsTable() {}

  static String render(List<Finding> findings, Terminal terminal) {
    List<List<String>> rows = new ArrayList<>();
    rows.add(HEAD);
    for (Finding finding : findings) {
      rows.add(
          List.of(
              sign(finding.passed(), terminal),
              finding.check().title(),
              finding.subject(),
              shortened(finding.expected()),
              finding.passed() ? shortened(finding.seen()) : finding.seen()));
    }
    StringBuilder text =
        new StringBuilder(
            TextTable.render(
                rows,
                HEAD.size(),
                (column, cell) -> column == 0 ? coloured(cell, terminal) : cell));
    findings.stream()
        .filter(finding -> !finding.passed())
        .map(
            finding -> finding.subject() + ", " + finding.check().title() + ": " + finding.advice())
        .distinct()
        .forEach(line -> text.append("\n").append(line).append("."));
    return findings.stream().allMatch(Finding::passed)
        ? text.toString()
        : text.append("\n").toString();
  }

  static String sign(boolean good, Terminal terminal) {
    if (terminal.unicode()) {
      return good ? "✓" : "✗";
    }
    return good ? "ok" : "NO";
  }

  static String coloured(String sign, Terminal terminal) {
    return switch (sign.strip()) {
      case "✓", "ok" -> terminal.green(sign);
      case "✗", "NO" -> terminal.red(sign);
      default -> terminal.yellow(sign);
    };
  }

  private static String shortened(String text) {
    return text.length() <= LONGEST ? text : text.substring(0, LONGEST - 1) + "…";
  }
}
