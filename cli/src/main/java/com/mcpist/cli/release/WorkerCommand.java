package com.mcpist.cli.release;

import module java.base;

import com.mcpist.cli.console.Failure;
import com.mcpist.cli.console.Interruption;
import com.mcpist.cli.console.Output;
import com.mcpist.cli.console.Progress;
import com.mcpist.cli.console.Terminal;
import com.mcpist.cli.site.Place;
import com.mcpist.cli.site.SiteCommand;
import com.mcpist.cli.site.SiteCommand.App;
import com.mcpist.deploy.CloudflareSite;
import com.mcpist.deploy.WorkerDeployer;
import com.mcpist.deploy.release.Outcome;
import com.mcpist.deploy.time.Deadline;
import com.mcpist.deploy.time.Time;
import picocli.CommandLine.ExitCode;
import tools.jackson.databind.node.ObjectNode;

/** Brings the Worker out or back, instead of the origins. */
record WorkerCommand(SiteCommand where, RolloutCommand.Options options) {
  private static final Duration LOOK = Duration.ofMinutes(1);

  /** The built Worker of that project (worker/ beside mcpist.yml), by that name (its digest's). */
  int deploy(Optional<Path> folder, Optional<String> name, boolean verify, Duration patience)
      throws Exception {
    Path project =
        App.callersFolder().resolve(folder.orElse(Path.of("worker"))).toAbsolutePath().normalize();
    var release = cloudflare().release(project, name);
    return run(
        deployer ->
            new Preview(release.release(), deployer.preview(release, options.force, look())),
        deployer -> deployer.deploy(release, options.terms(verify, patience)));
  }

  int rollback(Optional<String> to, Duration patience) throws Exception {
    return run(
        deployer -> {
          String earlier = deployer.earlier(to, look()).toString();
          return new Preview(
              earlier, List.of("deploy " + earlier + ", with the secrets that it had"));
        },
        deployer -> deployer.rollback(to, options.terms(true, patience)));
  }

  private interface Action<T> {
    T by(WorkerDeployer deployer) throws Exception;
  }

  private int run(Action<Preview> looking, Action<Outcome> doing) throws Exception {
    try (Interruption _ = Interruption.ofThisThread();
        Progress progress = options.progress()) {
      Place place = Place.open(where, Place.NOBODY);
      WorkerDeployer deployer =
          where
              .production()
              .workerDeployer(
                  cloudflare(), place.site(), where.edge(), place.announcements(), progress);
      if (options.preview) {
        progress.step("Looking at what serves");
        Preview preview = looking.by(deployer);
        progress.done();
        options.print(() -> preview, _ -> preview.text());
        return ExitCode.OK;
      }
      Outcome outcome = doing.by(deployer);
      progress.done();
      options.print(() -> json(outcome), terminal -> where.hinted(text(outcome, terminal)));
      return outcome.passed() ? ExitCode.OK : ExitCode.SOFTWARE;
    }
  }

  private CloudflareSite cloudflare() throws Exception {
    if (where.isLocal()) {
      throw Failure.usage("the pair on this machine has no Worker.");
    }
    return where
        .production()
        .cloudflare()
        .orElseThrow(
            () ->
                Failure.usage(
                    "mcpist.yml has no section cloudflare: there is no Worker. It needs account"
                        + " and worker there."));
  }

  private static Deadline look() {
    return Deadline.in(LOOK, Time.system());
  }

  /** What would be done, by calls as a person reads them; without any nothing is to be done. */
  private record Preview(String release, List<String> calls) {
    String text() {
      return calls.isEmpty()
          ? "Nothing to do: the Worker is " + release + " already.\n"
          : calls.stream()
              .map(call -> "  " + call + "\n")
              .collect(
                  Collectors.joining(
                      "", "\nThis is what would be done:\n", "Nothing has been changed.\n"));
    }
  }

  static String text(Outcome outcome, Terminal terminal) {
    return OutcomeReport.text(
        outcome.findings(), "", outcome.warnings(), verdict(outcome, terminal), terminal);
  }

  private static String verdict(Outcome outcome, Terminal terminal) {
    return switch (outcome.state()) {
      case SUCCEEDED ->
          outcome.passed()
              ? "%s: the Worker is %s."
                  .formatted(
                      terminal.green(outcome.changed() ? "Done" : "Nothing to do"),
                      outcome.version())
              : "%s: the Worker is %s, and nothing was rolled back. %s."
                  .formatted(terminal.red("Not reached"), outcome.version(), outcome.problem());
      case RETURNED ->
          "%s: %s is bad, and the Worker is again %s. %s."
              .formatted(
                  terminal.red("Rolled back"),
                  outcome.version(),
                  outcome.before().map(Object::toString).orElse("what it was"),
                  outcome.problem());
      case FAILED, RUNNING ->
          "%s: %s. `mcpist status` shows what serves."
              .formatted(terminal.red("Failed"), outcome.problem());
    };
  }

  private static ObjectNode json(Outcome outcome) {
    return Output.object()
        .put("release", outcome.version().release())
        .put("version", outcome.version().id())
        .put("before", outcome.before().map(before -> before.id()).orElse(null))
        .put("state", Output.word(outcome.state()))
        .put("changed", outcome.changed())
        .put("problem", outcome.problem())
        .putPOJO("checks", outcome.findings())
        .putPOJO("warnings", outcome.warnings());
  }
}
