package com.mcpist.cli;

import com.mcpist.deploy.config.Spelling;
import com.mcpist.deploy.release.Announcements;
import com.mcpist.deploy.secrets.Rotation;
import com.mcpist.deploy.secrets.RotationStep;
import com.mcpist.deploy.secrets.SecretsException;
import com.mcpist.deploy.secrets.SourceWriter;
import java.io.PrintStream;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Replaces the value of a secret while clients call. */
@Command(
    name = "rotate",
    description = {
      "Replaces the value of a secret while clients call, and no call fails for it. For"
          + " GATEWAY_SECRET and ADMIN_TOKEN a new value of 256 bits is made; the value of another"
          + " one comes from whoever runs that service, and is set in GitHub as NAME_NEXT before.",
      "",
      "Whoever is asked with the secret first accepts both values, then the one who shows it shows"
          + " the new one, calls are verified, GitHub's own value becomes the new one, and the old"
          + " one is accepted no more. Broken off anywhere, the same command finishes it.",
      "",
      "In production this needs SECRETS_GITHUB_TOKEN, a token that may write the repository's"
          + " secrets, which a workflow's own token may not.",
      "",
      "With --json: one object {\"secret\", \"steps\": [{\"step\", \"holder\", \"done\"}]}; done"
          + " tells whether an earlier run had done it.",
      "",
      "Exit code 1: it stopped. Calls go through all the same; run it again."
    },
    footer = {
      "",
      "Examples:",
      "  mcpist secrets rotate GATEWAY_SECRET",
      "  mcpist secrets rotate DATABASE_URL --dry-run"
    })
final class SecretsRotateCommand implements Callable<Integer> {
  @Mixin private SiteOptions where = new SiteOptions();
  @Mixin private SecretsOptions options = new SecretsOptions();

  @Parameters(paramLabel = "NAME", description = "The secret's name, as in mcpist.yml.")
  private String name = "";

  @Option(
      names = "--settle",
      paramLabel = "DURATION",
      converter = DurationConverter.class,
      defaultValue = "6m",
      description =
          "How long a Worker's last calls may take that were begun with the old value; a call may"
              + " be five minutes long (default: ${DEFAULT-VALUE}).")
  private Duration settling = Duration.ofMinutes(6);

  @Override
  public Integer call() throws Exception {
    SecretPlace opened = SecretPlace.open(where, settling);
    check(opened);
    SourceWriter writer = opened.writer().open();
    Terminal terminal = Terminal.detect();
    PrintStream out = options.json() ? System.err : System.out;
    try (Interruption _ = Interruption.ofThisThread();
        Progress progress = new Progress(terminal, out)) {
      RolloutProgress watcher = new RolloutProgress(progress, terminal.animated());
      Rotation rotation =
          new Rotation(opened.site(), opened.source(), writer, options.order(true), watcher, name);
      List<RotationStep> steps =
          options.preview() ? rotation.preview() : run(rotation, opened, progress);
      progress.done();
      System.out.print(
          options.json()
              ? SecretsReport.stepsJson(name, steps) + "\n"
              : SecretsReport.steps(name, steps, writer.told(), options.preview(), terminal));
      System.out.flush();
      return ExitCode.OK;
    } catch (InterruptedException _) {
      return SecretsReport.stopped();
    }
  }

  private void check(SecretPlace opened) throws Failure {
    Set<String> known = new TreeSet<>(opened.only());
    known.addAll(opened.site().names());
    if (!known.contains(name)) {
      throw Failure.usage(
          "there is no secret \""
              + name
              + "\"; there are "
              + String.join(", ", known)
              + "."
              + Spelling.hint(name, known));
    }
  }

  /** What has been told before is kept by the origins, which may know the new value only. */
  private static Announcements people(SecretPlace opened, Rotation rotation) {
    return opened.place().announcements().by(rotation.admin());
  }

  private List<RotationStep> run(Rotation rotation, SecretPlace opened, Progress progress)
      throws SecretsException, InterruptedException {
    String check = "rotation of " + name;
    try {
      List<RotationStep> steps = rotation.run();
      people(opened, rotation).passed(check, "done").forEach(progress::note);
      return steps;
    } catch (SecretsException e) {
      progress.failed();
      people(opened, rotation)
          .failed(
              check,
              Optional.empty(),
              String.valueOf(e.getMessage()),
              "Mend what the message says, and run mcpist secrets rotate " + name + " again")
          .forEach(progress::note);
      throw e;
    }
  }
}
