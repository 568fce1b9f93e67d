package com.mcpist.cli.secrets;

import module java.base;

import com.mcpist.cli.console.CommandGroup;
import com.mcpist.cli.console.Failure;
import com.mcpist.cli.console.Interruption;
import com.mcpist.cli.console.Output;
import com.mcpist.cli.console.Progress;
import com.mcpist.cli.console.Terminal;
import com.mcpist.cli.console.TextTable;
import com.mcpist.cli.console.Wrap;
import com.mcpist.cli.site.SiteCommand;
import com.mcpist.deploy.admin.AdminPath.Event;
import com.mcpist.deploy.platform.PlatformException;
import com.mcpist.deploy.release.Announcements;
import com.mcpist.deploy.release.Announcements.Warning;
import com.mcpist.deploy.release.DeployException;
import com.mcpist.deploy.secrets.Comparison;
import com.mcpist.deploy.secrets.Comparison.Drift;
import com.mcpist.deploy.secrets.Comparison.Drift.Kind;
import com.mcpist.deploy.secrets.Rotation;
import com.mcpist.deploy.secrets.Rotation.RotationStep;
import com.mcpist.deploy.secrets.SecretSite.ChangeOptions;
import com.mcpist.deploy.secrets.Source.SourceWriter;
import com.mcpist.deploy.secrets.Sync;
import com.mcpist.deploy.secrets.Sync.SecretResult;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "secrets",
    description = {
      "Distributes, compares and rotates secrets.",
      "",
      "The source is GitHub's secrets: in a workflow, they are environment variables of"
          + " these commands. mcpist.yml says where each one goes. A pair on this machine makes"
          + " its own secrets."
    },
    subcommands = {
      SecretsCommand.SyncSecrets.class,
      SecretsCommand.Check.class,
      SecretsCommand.Rotate.class
    },
    footer = {
      "  # Compare what runs with the source:",
      "  mcpist secrets check",
      "  # Bring the source's values everywhere:",
      "  mcpist secrets sync",
      "  # Replace one while clients call:",
      "  mcpist secrets rotate GATEWAY_SECRET"
    })
public final class SecretsCommand extends CommandGroup {
  static final class Options extends Output.Changing {
    @Option(
        names = "--force",
        description =
            "Go on if no other origin serves meanwhile, or if the deployment cannot be locked.")
    private boolean force;

    @Option(
        names = "--timeout",
        paramLabel = "DURATION",
        defaultValue = "5m",
        description =
            "How long a program may take until it runs with a value (default: ${DEFAULT-VALUE}).")
    private Duration timeout = Duration.ofMinutes(5);

    private ChangeOptions order(boolean restart) {
      return new ChangeOptions(SiteCommand.caller(), force, restart, timeout, wait);
    }
  }

  @Command(
      name = "sync",
      description = {
        "Brings the source's values to the Worker and to every origin.",
        "",
        "An origin with another value restarts with the new one, one origin at a time, and"
            + " only while another one serves. If all have the source's values, nothing changes.",
        "",
        "--json prints an object: {\"secrets\": [{\"holder\", \"secret\", \"result\","
            + " \"detail\"}]}; result is created, changed, unchanged or failed.",
        "",
        "Exit code 1: a program does not run with the source's values."
      },
      footer = {
        "  mcpist secrets sync --dry-run",
        "  # Before the first deployment of all:",
        "  mcpist secrets sync --no-restart"
      })
  static final class SyncSecrets extends SiteCommand {
    @Mixin private Options options = new Options();

    @Option(
        names = "--no-restart",
        description = "Only store them. A program has them from its next start on.")
    private boolean stored;

    @Override
    public Integer call() throws Exception {
      if (isLocal()) {
        throw Failure.usage(
            "the pair on this machine makes its own secrets: there is no other source to bring them"
                + " from.");
      }
      SecretPlace opened = SecretPlace.open(this, Duration.ZERO);
      try (Interruption _ = Interruption.ofThisThread();
          Progress progress = options.progress()) {
        Sync sync = new Sync(opened.site(), opened.source(), options.order(!stored), progress);
        List<SecretResult> rows = options.preview ? sync.preview() : run(sync, opened, progress);
        progress.done();
        options.print(
            () -> Output.object().putPOJO("secrets", rows),
            terminal -> SecretsReport.rows(rows, options.preview, terminal));
        return code(rows.stream().noneMatch(SecretsReport::failed));
      } catch (InterruptedException _) {
        return stopped();
      }
    }

    private static List<SecretResult> run(Sync sync, SecretPlace opened, Progress progress)
        throws InterruptedException {
      try {
        List<SecretResult> rows = sync.run();
        rows.stream()
            .filter(SecretsReport::failed)
            .findFirst()
            .ifPresent(row -> tell(opened, row.program() + ": " + row.detail(), progress));
        return rows;
      } catch (DeployException e) {
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
              Optional.empty(),
              problem,
              "Mend what the message says, and run mcpist secrets sync again")
          .forEach(progress::note);
    }
  }

  @Command(
      name = "check",
      description = {
        "Compares the secrets of the Worker and the origins with the source.",
        "",
        "It compares what runs, and what is stored for the next start. It shows no secret:"
            + " each program proves what it has. It also compares the origins' other variables with"
            + " mcpist.yml.",
        "",
        "With SECRETS_GITHUB_TOKEN, for which read access is enough, it names secrets that are"
            + " old.",
        "",
        "--json prints an object: {\"good\", \"secrets\": [{\"holder\", \"secret\","
            + " \"result\", \"detail\", \"advice\"}], \"warnings\"}; result is same, missing,"
            + " different, left over, rotating or unknown.",
        "",
        "Exit code 1: a secret is missing, different or left over, or could not be compared."
      },
      footer = "  mcpist secrets check --notify")
  static final class Check extends SiteCommand {
    private static final String CHECK = "secrets check";

    @Mixin private Output output = new Output();

    @Option(
        names = "--notify",
        description = "Tell the webhooks of mcpist.yml about a difference, and about its end.")
    private boolean telling;

    @Override
    public Integer call() throws Exception {
      SecretPlace opened = SecretPlace.open(this, Duration.ZERO);
      try (Progress progress = output.progress()) {
        progress.step("Asking everybody");
        List<Drift> found = new Comparison(opened.site(), opened.source(), opened.only()).look();
        Optional<List<Warning>> old = old(opened, progress);
        progress.done();
        List<String> notes =
            new ArrayList<>(old.orElse(List.of()).stream().map(Warning::message).toList());
        if (telling) {
          notes.addAll(tell(opened.place().announcements(), found, old));
        }
        output.print(
            () ->
                Output.object()
                    .put("good", found.stream().allMatch(Drift::good))
                    .putPOJO("secrets", found)
                    .putPOJO("warnings", notes),
            terminal -> SecretsReport.drift(found, notes, terminal));
        return code(found.stream().allMatch(Drift::good));
      }
    }

    /** Empty where that could not be asked. */
    private static Optional<List<Warning>> old(SecretPlace opened, Progress progress)
        throws Exception {
      try {
        return Optional.of(opened.ages().call().warnings(opened.names(), Instant.now()));
      } catch (PlatformException e) {
        progress.note("How old secrets are is not known: " + e.getMessage());
        return Optional.empty();
      }
    }

    private static List<String> tell(
        Announcements people, List<Drift> found, Optional<List<Warning>> old) {
      List<Warning> warnings = new ArrayList<>(old.orElse(List.of()));
      found.stream().filter(drift -> !drift.good()).map(Drift::warning).forEach(warnings::add);
      boolean seenAll =
          old.isPresent() && found.stream().noneMatch(drift -> drift.kind() == Kind.UNKNOWN);
      return people.warn(CHECK, warnings, seenAll);
    }
  }

  @Command(
      name = "rotate",
      description = {
        "Replaces a secret while clients call, without a failed call.",
        "",
        "For GATEWAY_SECRET and ADMIN_TOKEN it makes a new value of 256 bits. The new value"
            + " of another secret comes from the service that it is for: set it in GitHub as"
            + " NAME_NEXT first.",
        "",
        "Whoever checks the secret first accepts both values. Then whoever sends it sends"
            + " the new one, calls are verified, GitHub's value becomes the new one, and the old"
            + " one is no longer accepted. After an interruption, the same command does the rest.",
        "",
        "In production it needs SECRETS_GITHUB_TOKEN, a token that may write the"
            + " repository's secrets, which a workflow's own token may not.",
        "",
        "--json prints an object: {\"secret\", \"steps\": [{\"step\", \"holder\","
            + " \"done\"}]}; done says whether an earlier run did the step.",
        "",
        "Exit code 1: it stopped. Calls still work; run it again."
      },
      footer = {
        "  mcpist secrets rotate GATEWAY_SECRET",
        "  mcpist secrets rotate DATABASE_URL --dry-run"
      })
  static final class Rotate extends SiteCommand {
    @Mixin private Options options = new Options();

    @Parameters(paramLabel = "NAME", description = "The secret's name, as in mcpist.yml.")
    private String name = "";

    @Option(
        names = "--settle",
        paramLabel = "DURATION",
        defaultValue = "6m",
        description =
            "How long the Worker's last calls with the old value may take; a call may take"
                + " five minutes (default: ${DEFAULT-VALUE}).")
    private Duration settling = Duration.ofMinutes(6);

    @Override
    public Integer call() throws Exception {
      SecretPlace opened = SecretPlace.open(this, settling);
      if (!opened.names().contains(name)) {
        throw Failure.unknown("there is no secret", name, opened.names());
      }
      SourceWriter writer = opened.writer().call();
      try (Interruption _ = Interruption.ofThisThread();
          Progress progress = options.progress()) {
        Rotation rotation =
            new Rotation(
                opened.site(), opened.source(), writer, options.order(true), progress, name);
        List<RotationStep> steps =
            options.preview ? rotation.preview() : run(rotation, opened, progress);
        progress.done();
        options.print(
            () -> Output.object().put("secret", name).putPOJO("steps", steps),
            terminal -> SecretsReport.steps(name, steps, writer.told(), options.preview, terminal));
        return ExitCode.OK;
      } catch (InterruptedException _) {
        return stopped();
      }
    }

    /** What has been told before is kept by the origins, which may know the new value only. */
    private List<RotationStep> run(Rotation rotation, SecretPlace opened, Progress progress)
        throws InterruptedException {
      String check = "rotation of " + name;
      Announcements people = opened.place().announcements();
      try {
        Instant begun = Instant.now();
        List<RotationStep> steps = rotation.run();
        Announcements now = people.by(rotation.admin());
        now.passed(check, "done").forEach(progress::note);
        now.keep(Event.since(begun, "rotation", Optional.empty(), name + " has another value"));
        return steps;
      } catch (DeployException e) {
        progress.failed();
        people
            .by(rotation.admin())
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

  private static int stopped() {
    System.err.println(
        "mcpist: stopped. Calls go through as before; the same command does the rest.");
    return ExitCode.SOFTWARE;
  }

  /** What looking after secrets has come to, for people and for programs. Names, never values. */
  static final class SecretsReport {
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
              .text("", SecretResult::detail)
              .render();
      long changed =
          rows.stream()
              .filter(
                  row -> row.result() == Sync.Result.CREATED || row.result() == Sync.Result.CHANGED)
              .count();
      String verdict =
          rows.stream().anyMatch(SecretsReport::failed)
              ? terminal.red("Failed") + ": a program does not run with the source's values."
              : changed == 0
                  ? terminal.green("Nothing to do") + ": all run with the source's values."
                  : preview
                      ? changed + " would change; nothing is changed."
                      : terminal.green("Done") + ": " + changed + " changed.";
      return "\n" + table + "\n" + verdict + "\n";
    }

    static String drift(List<Drift> found, List<String> notes, Terminal terminal) {
      String table =
          new TextTable<>(found)
              .sign(Drift::good, terminal)
              .column("OF", Drift::program)
              .column("SECRET", drift -> TextTable.orDash(drift.secret()))
              .column("RESULT", drift -> drift.kind().told())
              .text("", Drift::detail)
              .render();
      String advice =
          found.stream()
              .map(Drift::advice)
              .filter(text -> !text.isEmpty())
              .distinct()
              .map(text -> Wrap.paragraph(text + ".", 2))
              .collect(Collectors.joining());
      return "\n"
          + table
          + "\n"
          + advice
          + notes.stream().map(note -> Wrap.paragraph(note + ".", 2)).collect(Collectors.joining())
          + (found.stream().allMatch(Drift::good)
              ? terminal.green("Good")
                  + ": all run with the source's secrets, as mcpist.yml says.\n"
              : terminal.red("Drift") + ": something differs from the source.\n");
    }

    static String steps(
        String secret,
        List<RotationStep> steps,
        String source,
        boolean preview,
        Terminal terminal) {
      if (!preview) {
        return "\n%s: %s has a new value, and the old one is no longer accepted.\n"
            .formatted(terminal.green("Done"), secret);
      }
      return steps.stream()
          .map(
              step ->
                  (step.done() ? "done already: " : "to do:        ")
                      + Wrap.paragraph(step.told(secret, source), 14))
          .collect(Collectors.joining("", "", "Nothing is changed.\n"));
    }
  }
}
