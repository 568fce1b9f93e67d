package com.mcpist.cli.release;

import module java.base;

import com.mcpist.cli.console.Failure;
import com.mcpist.cli.console.Output;
import com.mcpist.cli.console.Terminal;
import com.mcpist.cli.console.TextTable;
import com.mcpist.cli.console.Wrap;
import com.mcpist.deploy.edgeclient.EdgeControl.EdgeStatus.Calls;
import com.mcpist.deploy.image.ImageReference;
import com.mcpist.deploy.release.Outcome;
import com.mcpist.deploy.verify.Verifier.Finding;
import tools.jackson.databind.node.ObjectNode;

/** What a deployment has come to, for people and for programs. */
final class OutcomeReport {
  private OutcomeReport() {}

  static String text(Outcome outcome, Terminal terminal) {
    String middle = outcome.origins().isEmpty() ? "" : "\n" + origins(outcome.origins());
    return text(
        outcome.findings(),
        middle + outcome.calls().map(calls -> "\n" + calls(calls)).orElse(""),
        outcome.warnings(),
        verdict(outcome, terminal),
        terminal);
  }

  /** What it has come to; between the checks and the notes is what only one kind has. */
  static String text(
      List<Finding> findings,
      String middle,
      List<String> warnings,
      String verdict,
      Terminal terminal) {
    String checks = findings.isEmpty() ? "" : "\n" + checks(findings, terminal);
    return checks + middle + notes(warnings) + "\n" + verdict + "\n";
  }

  private static String origins(List<Outcome.Part> origins) {
    return new TextTable<>(origins)
        .column("ORIGIN", Outcome.Part::name)
        .text("RESULT", Outcome.Part::result)
        .column("BEFORE", part -> TextTable.orDash(ImageReference.brief(part.before())))
        .column("TOOK", part -> String.format(Locale.ROOT, "%.1f s", part.seconds()))
        .render();
  }

  private static String calls(Calls calls) {
    return "Meanwhile clients made %s %s: %s failed, %s took more than one attempt.\n"
        .formatted(
            calls.answered(),
            calls.answered() == 1 ? "call" : "calls",
            calls.failed(),
            calls.replayed());
  }

  static String notes(List<String> warnings) {
    return warnings.stream()
        .map(warning -> "Note: " + warning + "\n")
        .collect(Collectors.joining());
  }

  private static String verdict(Outcome outcome, Terminal terminal) {
    String release = outcome.version().toString();
    String problem = Failure.sentence(outcome.problem());
    return switch (outcome.state()) {
      case SUCCEEDED ->
          outcome.passed()
              ? "%s: the origins run %s."
                  .formatted(terminal.green(outcome.changed() ? "Done" : "Nothing to do"), release)
              : "%s: the origins run %s and pass every check, and nothing was rolled back. %s"
                  .formatted(terminal.red("Not reached"), release, problem);
      case RETURNED ->
          "%s: %s is bad, and every origin has its earlier release again. %s"
              .formatted(terminal.red("Rolled back"), release, problem);
      case FAILED, RUNNING ->
          "%s: %s `mcpist status` shows what runs where."
              .formatted(terminal.red("Failed"), problem);
    };
  }

  static String checks(List<Finding> findings, Terminal terminal) {
    String table =
        new TextTable<>(findings)
            .sign(Finding::passed, terminal)
            .text("CHECK", finding -> finding.check().title())
            .column("OF", Finding::subject)
            .text("EXPECTED", Finding::expected)
            .text("SEEN", Finding::seen)
            .render();
    String advice =
        findings.stream()
            .filter(finding -> !finding.passed())
            .map(
                finding ->
                    "%s, %s: %s."
                        .formatted(finding.subject(), finding.check().title(), finding.advice()))
            .distinct()
            .map(sentence -> Wrap.paragraph(sentence, 2))
            .collect(Collectors.joining());
    return advice.isEmpty() ? table : table + "\n" + advice;
  }

  static ObjectNode json(Outcome outcome) {
    return Output.object()
        .put("release", outcome.version().release())
        .put("digest", outcome.version().id())
        .put("state", Output.word(outcome.state()))
        .put("changed", outcome.changed())
        .put("problem", outcome.problem())
        .putPOJO("origins", outcome.origins())
        .putPOJO("checks", outcome.findings())
        .putPOJO("calls", outcome.calls())
        .putPOJO("warnings", outcome.warnings());
  }
}
