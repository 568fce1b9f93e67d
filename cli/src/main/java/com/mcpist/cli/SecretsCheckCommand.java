package com.mcpist.cli;

import com.mcpist.deploy.release.Announcements;
import com.mcpist.deploy.secrets.Comparison;
import com.mcpist.deploy.secrets.Comparison.Drift;
import java.io.PrintStream;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Compares what runs with the source. */
@Command(
    name = "check",
    description = {
      "Compares the secrets that the Worker and every origin run with, and those that are stored"
          + " for them, with the source, without showing one: each program proves what it has.",
      "",
      "With --json: one object {\"good\", \"secrets\": [{\"holder\", \"secret\", \"result\","
          + " \"detail\", \"advice\"}]}; result is same, missing, different, left over, rotating or"
          + " unknown.",
      "",
      "Exit code 1: something is missing, different or left over, or could not be compared."
    },
    footer = {"", "Examples:", "  mcpist secrets check --notify"})
final class SecretsCheckCommand implements Callable<Integer> {
  private static final String CHECK = "secrets check";

  @Mixin private SiteOptions where = new SiteOptions();

  @Option(
      names = "--notify",
      description = "Tell the webhook of mcpist.yml of a difference, and of the end of it.")
  private boolean telling;

  @Option(names = "--json", description = "For programs; progress goes to standard error.")
  private boolean json;

  @Override
  public Integer call() throws Exception {
    SecretPlace opened = SecretPlace.open(where, Duration.ZERO);
    Terminal terminal = Terminal.detect();
    PrintStream out = json ? System.err : System.out;
    try (Progress progress = new Progress(terminal, out)) {
      progress.step("Asking everybody");
      List<Drift> found = new Comparison(opened.site(), opened.source(), opened.only()).look();
      progress.done();
      boolean good = found.stream().allMatch(Drift::good);
      if (telling) {
        tell(opened.place().announcements(), found).forEach(progress::note);
      }
      System.out.print(
          json ? SecretsReport.driftJson(found) + "\n" : SecretsReport.drift(found, terminal));
      System.out.flush();
      return good ? ExitCode.OK : ExitCode.SOFTWARE;
    }
  }

  private static List<String> tell(Announcements people, List<Drift> found) {
    List<Drift> bad = found.stream().filter(drift -> !drift.good()).toList();
    if (bad.isEmpty()) {
      return people.passed(CHECK, "everybody runs with the source's secrets");
    }
    String problem =
        bad.stream()
            .map(drift -> (drift.program() + " " + drift.secret()).strip() + ": " + drift.detail())
            .collect(Collectors.joining("; "));
    return people.failed(CHECK, Optional.empty(), problem, bad.getFirst().advice());
  }
}
