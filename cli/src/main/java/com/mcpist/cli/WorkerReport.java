package com.mcpist.cli;

import com.mcpist.deploy.release.Outcome;
import java.util.List;
import java.util.Locale;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** What bringing the Worker out has come to, or would do, for people and for programs. */
final class WorkerReport {
  private WorkerReport() {}

  /**
   * What would be done.
   *
   * @param release what is brought out
   * @param calls of Cloudflare's interface, each as a person reads it; none: nothing is to be done
   */
  record Preview(String release, List<String> calls) {
    String text() {
      if (calls.isEmpty()) {
        return "Nothing to do: the Worker is " + release + " already.\n";
      }
      StringBuilder text = new StringBuilder("\nThis is what would be done:\n");
      calls.forEach(call -> text.append("  ").append(call).append('\n'));
      return text.append("Nothing has been changed.\n").toString();
    }

    String json() {
      ObjectNode json = JsonMapper.shared().createObjectNode().put("release", release);
      calls.forEach(json.putArray("calls")::add);
      return json.toString();
    }
  }

  static String text(Outcome outcome, Terminal terminal) {
    StringBuilder text = new StringBuilder();
    if (!outcome.findings().isEmpty()) {
      text.append('\n').append(FindingsTable.render(outcome.findings(), terminal));
    }
    outcome.warnings().forEach(warning -> text.append("Note: ").append(warning).append('\n'));
    return text.append('\n').append(verdict(outcome, terminal)).append('\n').toString();
  }

  private static String verdict(Outcome outcome, Terminal terminal) {
    String version = outcome.version().toString();
    return switch (outcome.state()) {
      case SUCCEEDED ->
          outcome.passed()
              ? terminal.green(outcome.changed() ? "Done" : "Nothing to do")
                  + ": the Worker is "
                  + version
                  + "."
              : terminal.red("Not reached")
                  + ": the Worker is "
                  + version
                  + ", and nothing was taken back. "
                  + outcome.problem()
                  + ".";
      case RETURNED ->
          terminal.red("Taken back")
              + ": "
              + version
              + " is bad, and the Worker is again "
              + outcome.before().map(Outcome.Version::toString).orElse("what it was")
              + ". "
              + outcome.problem()
              + ".";
      case FAILED, RUNNING ->
          terminal.red("Failed")
              + ": "
              + outcome.problem()
              + ". `mcpist status` tells what serves.";
    };
  }

  static String json(Outcome outcome) {
    ObjectNode json =
        JsonMapper.shared()
            .createObjectNode()
            .put("release", outcome.version().release())
            .put("version", outcome.version().id())
            .put("before", outcome.before().map(Outcome.Version::id).orElse(null))
            .put("state", outcome.state().name().toLowerCase(Locale.ROOT))
            .put("changed", outcome.changed())
            .put("problem", outcome.problem());
    OutcomeReport.checks(json.putArray("checks"), outcome.findings());
    outcome.warnings().forEach(json.putArray("warnings")::add);
    return json.toString();
  }
}
