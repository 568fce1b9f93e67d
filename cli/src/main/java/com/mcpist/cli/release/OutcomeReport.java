package com.mcpist.cli.release;

import com.mcpist.cli.console.Failure;
import com.mcpist.cli.console.Output;
import com.mcpist.cli.console.Terminal;
import com.mcpist.cli.console.TextTable;
import com.mcpist.deploy.edge.EdgeStatus.Calls;
import com.mcpist.deploy.image.ImageReference;
import com.mcpist.deploy.release.Outcome;
import com.mcpist.deploy.verify.Finding;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** What a deployment has come to, for people and for programs. */
final class OutcomeReport {
  private static final List<String> ORIGINS = List.of("ORIGIN", "RESULT", "BEFORE", "TOOK");
  private static final List<String> CHECKS = List.of("", "CHECK", "OF", "EXPECTED", "SEEN");
  private static final int LONGEST = 60;

  private OutcomeReport() {}

  static String text(Outcome outcome, Terminal terminal) {
    StringBuilder text = new StringBuilder();
    if (!outcome.findings().isEmpty()) {
      text.append('\n').append(checks(outcome.findings(), terminal));
    }
    if (!outcome.origins().isEmpty()) {
      text.append('\n').append(TextTable.render(ORIGINS, outcome.origins(), OutcomeReport::cells));
    }
    outcome.calls().ifPresent(calls -> text.append('\n').append(calls(calls)));
    return text + notes(outcome.warnings()) + "\n" + verdict(outcome, terminal) + "\n";
  }

  private static List<String> cells(Outcome.Part part) {
    return List.of(
        part.name(),
        part.result(),
        TextTable.orDash(ImageReference.brief(part.before())),
        String.format(Locale.ROOT, "%.1f s", part.seconds()));
  }

  private static String calls(Calls calls) {
    return "Meanwhile clients made "
        + calls.answered()
        + (calls.answered() == 1 ? " call: " : " calls: ")
        + calls.failed()
        + " failed, "
        + calls.replayed()
        + " took more than one attempt.\n";
  }

  static String notes(List<String> warnings) {
    return warnings.stream()
        .map(warning -> "Note: " + warning + "\n")
        .collect(Collectors.joining());
  }

  private static String verdict(Outcome outcome, Terminal terminal) {
    String release = outcome.release() + " (" + ImageReference.brief(outcome.digest()) + ")";
    return switch (outcome.state()) {
      case SUCCEEDED ->
          outcome.passed()
              ? terminal.green(outcome.changed() ? "Done" : "Nothing to do")
                  + ": the origins run "
                  + release
                  + "."
              : terminal.red("Not reached")
                  + ": the origins run "
                  + release
                  + " and hold every check, and nothing was taken back. "
                  + Failure.sentence(outcome.problem());
      case RETURNED ->
          terminal.red("Taken back")
              + ": "
              + release
              + " is bad, and every origin has the release again that it had. "
              + Failure.sentence(outcome.problem());
      case FAILED, RUNNING ->
          terminal.red("Failed")
              + ": "
              + Failure.sentence(outcome.problem())
              + " `mcpist status` tells what runs where.";
    };
  }

  /** What a verification found: a tick or a cross, and what to do. */
  static String checks(List<Finding> findings, Terminal terminal) {
    StringBuilder text =
        new StringBuilder(
            TextTable.signed(
                CHECKS,
                findings,
                finding ->
                    List.of(
                        terminal.sign(finding.passed()),
                        finding.check().title(),
                        finding.subject(),
                        shortened(finding.expected()),
                        finding.passed() ? shortened(finding.seen()) : finding.seen()),
                terminal));
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

  private static String shortened(String text) {
    return text.length() <= LONGEST ? text : text.substring(0, LONGEST - 1) + "…";
  }

  static String json(Outcome outcome) {
    ObjectNode json =
        JsonMapper.shared()
            .createObjectNode()
            .put("release", outcome.release())
            .put("digest", outcome.digest())
            .put("state", Output.word(outcome.state()))
            .put("changed", outcome.changed())
            .put("problem", outcome.problem());
    ArrayNode origins = json.putArray("origins");
    for (Outcome.Part part : outcome.origins()) {
      origins
          .addObject()
          .put("name", part.name())
          .put("result", part.result())
          .put("before", part.before())
          .put("detail", part.detail())
          .put("seconds", part.seconds());
    }
    putChecks(json, outcome.findings());
    json.putNull("calls");
    outcome
        .calls()
        .ifPresent(
            calls ->
                json.putObject("calls")
                    .put("answered", calls.answered())
                    .put("failed", calls.failed())
                    .put("replayed", calls.replayed()));
    outcome.warnings().forEach(json.putArray("warnings")::add);
    return json.toString();
  }

  static void putChecks(ObjectNode json, List<Finding> findings) {
    ArrayNode checks = json.putArray("checks");
    for (Finding finding : findings) {
      checks
          .addObject()
          .put("check", finding.check().title())
          .put("subject", finding.subject())
          .put("passed", finding.passed())
          .put("expected", finding.expected())
          .put("seen", finding.seen())
          .put("advice", finding.advice());
    }
  }
}
