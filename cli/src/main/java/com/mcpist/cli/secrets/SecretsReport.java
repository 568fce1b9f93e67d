package com.mcpist.cli.secrets;

import com.mcpist.cli.console.Terminal;
import com.mcpist.cli.console.TextTable;
import com.mcpist.deploy.secrets.Comparison.Drift;
import com.mcpist.deploy.secrets.Rotation.RotationStep;
import com.mcpist.deploy.secrets.Sync;
import com.mcpist.deploy.secrets.Sync.SecretResult;
import java.util.List;
import java.util.stream.Collectors;

/** What looking after secrets has come to, for people and for programs. Names, never values. */
final class SecretsReport {
  private SecretsReport() {}

  static boolean failed(SecretResult row) {
    return row.result() == Sync.Result.FAILED;
  }

  static String rows(List<SecretResult> rows, boolean preview, Terminal terminal) {
    String table =
        new TextTable<>(rows)
            .sign(row -> !failed(row), terminal)
            .column("OF", SecretResult::program)
            .column("SECRET", SecretResult::secret)
            .column(preview ? "WOULD BE" : "RESULT", row -> row.result().told())
            .column("", SecretResult::detail)
            .render();
    long changed =
        rows.stream()
            .filter(
                row -> row.result() == Sync.Result.CREATED || row.result() == Sync.Result.CHANGED)
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

  record RowsJson(List<RowJson> secrets) {
    record RowJson(String holder, String secret, String result, String detail) {}

    static RowsJson of(List<SecretResult> rows) {
      return new RowsJson(
          rows.stream()
              .map(
                  row ->
                      new RowJson(row.program(), row.secret(), row.result().told(), row.detail()))
              .toList());
    }
  }

  static String drift(List<Drift> found, Terminal terminal) {
    String table =
        new TextTable<>(found)
            .sign(Drift::good, terminal)
            .column("OF", Drift::program)
            .column("SECRET", drift -> TextTable.orDash(drift.secret()))
            .column("RESULT", drift -> drift.kind().told())
            .column("", Drift::detail)
            .render();
    String advice =
        found.stream()
            .map(Drift::advice)
            .filter(text -> !text.isEmpty())
            .distinct()
            .map(text -> text + ".\n")
            .collect(Collectors.joining());
    return "\n"
        + table
        + "\n"
        + advice
        + (found.stream().allMatch(Drift::good)
            ? terminal.green("Good") + ": everybody runs with the source's secrets.\n"
            : terminal.red("Drift") + ": something is not as its source is.\n");
  }

  record DriftsJson(boolean good, List<DriftJson> secrets) {
    record DriftJson(String holder, String secret, String result, String detail, String advice) {}

    static DriftsJson of(List<Drift> found) {
      return new DriftsJson(
          found.stream().allMatch(Drift::good),
          found.stream()
              .map(
                  one ->
                      new DriftJson(
                          one.program(),
                          one.secret(),
                          one.kind().told(),
                          one.detail(),
                          one.advice()))
              .toList());
    }
  }

  static String steps(
      String secret, List<RotationStep> steps, String source, boolean preview, Terminal terminal) {
    if (!preview) {
      return "\n%s: %s has a new value, and the old one is good for nothing.\n"
          .formatted(terminal.green("Done"), secret);
    }
    return steps.stream()
        .map(
            step ->
                (step.done() ? "done already: " : "to do:        ")
                    + step.told(secret, source)
                    + "\n")
        .collect(Collectors.joining("", "", "Nothing is changed.\n"));
  }

  record StepsJson(String secret, List<StepJson> steps) {
    record StepJson(String step, String holder, boolean done) {}

    static StepsJson of(String secret, List<RotationStep> steps) {
      return new StepsJson(
          secret,
          steps.stream()
              .map(step -> new StepJson(step.action().label(), step.program(), step.done()))
              .toList());
    }
  }
}
