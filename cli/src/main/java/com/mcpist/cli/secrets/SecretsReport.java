package com.mcpist.cli.secrets;

import com.mcpist.cli.console.Output;
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
            .column(preview ? "WOULD BE" : "RESULT", row -> Output.word(row.result()))
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
}
