package com.mcpist.cli;

import com.mcpist.deploy.secrets.SecretsException;
import com.mcpist.deploy.secrets.Sync;
import com.mcpist.deploy.secrets.Sync.SecretResult;
import java.io.PrintStream;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Brings everybody the source's values. */
@Command(
    name = "sync",
    description = {
      "Brings the source's values to the Worker and to every origin that runs with another one. An"
          + " origin that gets one starts again, one at a time, and only while another one serves."
          + " Where all run with them nothing is changed.",
      "",
      "With --json: one object {\"secrets\": [{\"holder\", \"secret\", \"result\", \"detail\"}]};"
          + " result is created, changed, unchanged or failed.",
      "",
      "Exit code 1: somebody does not run with the source's values."
    },
    footer = {
      "",
      "Examples:",
      "  mcpist secrets sync --dry-run",
      "  mcpist secrets sync --no-restart        before the first deployment of all"
    })
final class SecretsSyncCommand implements Callable<Integer> {
  @Mixin private SiteOptions where = new SiteOptions();
  @Mixin private SecretsOptions options = new SecretsOptions();

  @Option(
      names = "--no-restart",
      description =
          "Only store them: what runs sees them from its next start on, as the first deployment.")
  private boolean stored;

  @Override
  public Integer call() throws Exception {
    if (where.isLocal()) {
      throw Failure.usage(
          "the pair on this machine makes its own secrets: there is no other source to bring them"
              + " from.");
    }
    SecretPlace opened = SecretPlace.open(where, Duration.ZERO);
    Terminal terminal = Terminal.detect();
    PrintStream out = options.json() ? System.err : System.out;
    try (Interruption _ = Interruption.ofThisThread();
        Progress progress = new Progress(terminal, out)) {
      RolloutProgress watcher = new RolloutProgress(progress, terminal.animated());
      Sync sync = new Sync(opened.site(), opened.source(), options.order(!stored), watcher);
      List<SecretResult> results = options.preview() ? sync.preview() : run(sync, opened, progress);
      progress.done();
      System.out.print(
          options.json()
              ? SecretsReport.resultsJson(results) + "\n"
              : SecretsReport.results(results, options.preview(), terminal));
      System.out.flush();
      boolean failed = results.stream().anyMatch(one -> one.result() == Sync.Result.FAILED);
      return failed ? ExitCode.SOFTWARE : ExitCode.OK;
    } catch (InterruptedException _) {
      return SecretsReport.stopped();
    }
  }

  private static List<SecretResult> run(Sync sync, SecretPlace opened, Progress progress)
      throws SecretsException, InterruptedException {
    try {
      List<SecretResult> results = sync.run();
      results.stream()
          .filter(one -> one.result() == Sync.Result.FAILED)
          .findFirst()
          .ifPresent(one -> tell(opened, one.program() + ": " + one.detail(), progress));
      return results;
    } catch (SecretsException e) {
      tell(opened, String.valueOf(e.getMessage()), progress);
      throw e;
    }
  }

  private static void tell(SecretPlace opened, String problem, Progress progress) {
    opened
        .place()
        .announcements()
        .failed(
            "secrets sync",
            java.util.Optional.empty(),
            problem,
            "Mend what the message says, and run mcpist secrets sync again")
        .forEach(progress::note);
  }
}
