package com.mcpist.cli;

import com.mcpist.deploy.admin.ReleaseRecord.State;
import com.mcpist.deploy.edgeclient.EdgeStatus.Calls;
import com.mcpist.deploy.image.ImageReference;
import com.mcpist.deploy.release.Outcome;
import com.mcpist.deploy.verify.Finding;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** What a deployment has come to, for people and for programs. */
final class OutcomeReport {
  private static final List<String> HEAD = List.of("ORIGIN", "RESULT", "BEFORE", "TOOK");

  private OutcomeReport() {}

  static String text(Outcome outcome, Terminal terminal) {
    StringBuilder text = new StringBuilder();
    if (!outcome.findings().isEmpty()) {
      text.append('\n').append(FindingsTable.render(outcome.findings(), terminal));
    }
    if (!outcome.origins().isEmpty()) {
      text.append('\n').append(origins(outcome));
    }
    outcome.calls().ifPresent(calls -> text.append('\n').append(calls(calls)));
    outcome.warnings().forEach(warning -> text.append("Note: ").append(warning).append('\n'));
    return text.append('\n').append(verdict(outcome, terminal)).append('\n').toString();
  }

  private static String origins(Outcome outcome) {
    List<List<String>> rows = new ArrayList<>();
    rows.add(HEAD);
    for (Outcome.Part part : outcome.origins()) {
      rows.add(
          List.of(
              part.name(),
              part.result(),
              part.before().isEmpty() ? "-" : ImageReference.brief(part.before()),
              String.format(Locale.ROOT, "%.1f s", part.seconds())));
    }
    return TextTable.render(rows, HEAD.size(), (column, cell) -> cell);
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

  private static String verdict(Outcome outcome, Terminal terminal) {
    String release = outcome.version().toString();
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
                  + Failures.sentence(outcome.problem());
      case RETURNED ->
          terminal.red("Taken back")
              + ": "
              + release
              + " is bad, and every origin has the release again that it had. "
              + Failures.sentence(outcome.problem());
      case FAILED, RUNNING ->
          terminal.red("Failed")
              + ": "
              + Failures.sentence(outcome.problem())
              + " `mcpist status` tells what runs where.";
    };
  }

  static String json(Outcome outcome) {
    ObjectNode json =
        JsonMapper.shared()
            .createObjectNode()
            .put("release", outcome.version().release())
            .put("digest", outcome.version().id())
            .put("state", word(outcome.state()))
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
    checks(json.putArray("checks"), outcome.findings());
    if (outcome.calls().isPresent()) {
      Calls calls = outcome.calls().get();
      json.putObject("calls")
          .put("answered", calls.answered())
          .put("failed", calls.failed())
          .put("replayed", calls.replayed());
    } else {
      json.putNull("calls");
    }
    outcome.warnings().forEach(json.putArray("warnings")::add);
    return json.toString();
  }

  static void checks(ArrayNode checks, List<Finding> findings) {
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

  private static String word(State state) {
    return state.name().toLowerCase(Locale.ROOT);
  }
}
