package com.mcpist.cli.secrets;

import com.mcpist.cli.console.Terminal;
import com.mcpist.cli.console.TextTable;
import com.mcpist.deploy.secrets.Drift;
import com.mcpist.deploy.secrets.Row;
import com.mcpist.deploy.secrets.Step;
import java.util.List;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** What looking after secrets has come to, for people and for programs. Names, never values. */
final class SecretsReport {
  private SecretsReport() {}

  static boolean failed(Row row) {
    return row.result() == Row.Result.FAILED;
  }

  static String rows(List<Row> rows, boolean preview, Terminal terminal) {
    String table =
        TextTable.signed(
            List.of("", "OF", "SECRET", preview ? "WOULD BE" : "RESULT", ""),
            rows,
            row ->
                List.of(
                    terminal.sign(!failed(row)),
                    row.holder(),
                    row.secret(),
                    row.result().told(),
                    row.detail()),
            terminal);
    long changed =
        rows.stream()
            .filter(row -> row.result() == Row.Result.CREATED || row.result() == Row.Result.CHANGED)
            .count();
    String verdict =
        rows.stream().anyMatch(SecretsReport::failed)
            ? terminal.red("Failed") + ": somebody does not run with the source's values."
            : changed == 0
                ? terminal.green("Nothing to do") + ": everybody runs with the source's values."
                : preview
                    ? changed + " would change; nothing is changed."
                    : terminal.green("Done") + ": " + changed + " changed.";
    return "\n" + table + "\n" + verdict + "\n";
  }

  static String rowsJson(List<Row> rows) {
    ObjectNode json = JsonMapper.shared().createObjectNode();
    ArrayNode secrets = json.putArray("secrets");
    for (Row row : rows) {
      secrets
          .addObject()
          .put("holder", row.holder())
          .put("secret", row.secret())
          .put("result", row.result().told())
          .put("detail", row.detail());
    }
    return json.toString();
  }

  static String drift(List<Drift> found, Terminal terminal) {
    String table =
        TextTable.signed(
            List.of("", "OF", "SECRET", "RESULT", ""),
            found,
            drift ->
                List.of(
                    terminal.sign(drift.good()),
                    drift.holder(),
                    TextTable.orDash(drift.secret()),
                    drift.kind().told(),
                    drift.detail()),
            terminal);
    StringBuilder text = new StringBuilder("\n" + table + "\n");
    found.stream()
        .map(Drift::advice)
        .filter(advice -> !advice.isEmpty())
        .distinct()
        .forEach(advice -> text.append(advice).append(".\n"));
    return text.append(
            found.stream().allMatch(Drift::good)
                ? terminal.green("Good") + ": everybody runs with the source's secrets.\n"
                : terminal.red("Drift") + ": something is not as its source is.\n")
        .toString();
  }

  static String driftJson(List<Drift> found) {
    ObjectNode json =
        JsonMapper.shared().createObjectNode().put("good", found.stream().allMatch(Drift::good));
    ArrayNode secrets = json.putArray("secrets");
    for (Drift drift : found) {
      secrets
          .addObject()
          .put("holder", drift.holder())
          .put("secret", drift.secret())
          .put("result", drift.kind().told())
          .put("detail", drift.detail())
          .put("advice", drift.advice());
    }
    return json.toString();
  }

  static String steps(
      String secret, List<Step> steps, String source, boolean preview, Terminal terminal) {
    if (!preview) {
      return "\n%s: %s has a new value, and the old one is good for nothing.\n"
          .formatted(terminal.green("Done"), secret);
    }
    StringBuilder text = new StringBuilder();
    for (Step step : steps) {
      text.append(step.done() ? "done already: " : "to do:        ")
          .append(step.told(secret, source))
          .append('\n');
    }
    return text.append("Nothing is changed.\n").toString();
  }

  static String stepsJson(String secret, List<Step> steps) {
    ObjectNode json = JsonMapper.shared().createObjectNode().put("secret", secret);
    ArrayNode all = json.putArray("steps");
    for (Step step : steps) {
      all.addObject()
          .put("step", step.action().label())
          .put("holder", step.holder())
          .put("done", step.done());
    }
    return json.toString();
  }
}
