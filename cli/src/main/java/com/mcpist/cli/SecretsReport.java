package com.mcpist.cli;

import com.mcpist.deploy.secrets.Comparison.Drift;
import com.mcpist.deploy.secrets.RotationStep;
import com.mcpist.deploy.secrets.Sync;
import com.mcpist.deploy.secrets.Sync.SecretResult;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.ExitCode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** What looking after secrets has come to, for people and for programs. Names, never values. */
final class SecretsReport {
  private SecretsReport() {}

  static String results(List<SecretResult> results, boolean preview, Terminal terminal) {
    List<List<String>> table = new ArrayList<>();
    table.add(List.of("", "OF", "SECRET", preview ? "WOULD BE" : "RESULT", ""));
    for (SecretResult one : results) {
      boolean good = one.result() != Sync.Result.FAILED;
      table.add(
          List.of(
              FindingsTable.sign(good, terminal),
              one.program(),
              one.secret(),
              one.result().told(),
              one.detail()));
    }
    long changed =
        results.stream()
            .filter(
                one -> one.result() == Sync.Result.CREATED || one.result() == Sync.Result.CHANGED)
            .count();
    boolean failed = results.stream().anyMatch(one -> one.result() == Sync.Result.FAILED);
    String verdict =
        failed
            ? terminal.red("Failed") + ": somebody does not run with the source's values."
            : changed == 0
                ? terminal.green("Nothing to do") + ": everybody runs with the source's values."
                : preview
                    ? changed + " would change; nothing is changed."
                    : terminal.green("Done") + ": " + changed + " changed.";
    return "\n" + render(table, terminal) + "\n" + verdict + "\n";
  }

  private static String render(List<List<String>> table, Terminal terminal) {
    return TextTable.render(
        table,
        table.getFirst().size(),
        (column, cell) -> column == 0 ? FindingsTable.coloured(cell, terminal) : cell);
  }

  static String resultsJson(List<SecretResult> results) {
    ObjectNode json = JsonMapper.shared().createObjectNode();
    ArrayNode secrets = json.putArray("secrets");
    for (SecretResult one : results) {
      secrets
          .addObject()
          .put("holder", one.program())
          .put("secret", one.secret())
          .put("result", one.result().told())
          .put("detail", one.detail());
    }
    return json.toString();
  }

  static String drift(List<Drift> found, Terminal terminal) {
    List<List<String>> table = new ArrayList<>();
    table.add(List.of("", "OF", "SECRET", "RESULT", ""));
    for (Drift drift : found) {
      table.add(
          List.of(
              FindingsTable.sign(drift.good(), terminal),
              drift.program(),
              drift.secret().isEmpty() ? "-" : drift.secret(),
              drift.kind().told(),
              drift.detail()));
    }
    StringBuilder text = new StringBuilder("\n" + render(table, terminal) + "\n");
    found.stream()
        .map(Drift::advice)
        .filter(advice -> !advice.isEmpty())
        .distinct()
        .forEach(advice -> text.append(advice).append(".\n"));
    boolean good = found.stream().allMatch(Drift::good);
    return text.append(
            good
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
          .put("holder", drift.program())
          .put("secret", drift.secret())
          .put("result", drift.kind().told())
          .put("detail", drift.detail())
          .put("advice", drift.advice());
    }
    return json.toString();
  }

  static String steps(
      String secret, List<RotationStep> steps, String source, boolean preview, Terminal terminal) {
    if (!preview) {
      return "\n"
          + terminal.green("Done")
          + ": "
          + secret
          + " has a new value, and the old one is good for nothing.\n";
    }
    StringBuilder text = new StringBuilder();
    for (RotationStep step : steps) {
      text.append(step.done() ? "done already: " : "to do:        ")
          .append(step.told(secret, source))
          .append('\n');
    }
    return text.append("Nothing is changed.\n").toString();
  }

  static String stepsJson(String secret, List<RotationStep> steps) {
    ObjectNode json = JsonMapper.shared().createObjectNode().put("secret", secret);
    ArrayNode all = json.putArray("steps");
    for (RotationStep step : steps) {
      all.addObject()
          .put("step", step.action().label())
          .put("holder", step.program())
          .put("done", step.done());
    }
    return json.toString();
  }

  /** Somebody has stopped it. */
  static int stopped() {
    System.err.println(
        "mcpist: stopped. Calls go through as before; the same command finishes the rest.");
    return ExitCode.SOFTWARE;
  }
}
