package com.mcpist.cli.release;

import module java.base;

import com.mcpist.cli.console.Interruption;
import com.mcpist.cli.console.Output;
import com.mcpist.cli.console.Progress;
import com.mcpist.cli.console.Terminal;
import com.mcpist.cli.site.Place;
import com.mcpist.cli.site.SiteCommand;
import com.mcpist.deploy.CloudflareSite;
import com.mcpist.deploy.ProductionSite;
import com.mcpist.deploy.VerificationRollback;
import com.mcpist.deploy.WorkerDeployer;
import com.mcpist.deploy.release.Outcome;
import com.mcpist.deploy.release.Verification;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.node.ObjectNode;

@Command(
    name = "verify",
    description = {
      "Checks each origin, and that clients get to them through the edge.",
      "",
      "Each origin is asked with the gateway secret, without it, and with a wrong one. All"
          + " must run one release, and a client must get the list of tools through the edge. The"
          + " checks are repeated until all pass.",
      "",
      "An entrance that has never worked may have a new name or certificate. While the"
          + " origins pass all checks, the command waits for it, 20 minutes at most, and nothing"
          + " is rolled back because of it. The origins' database knows whether it has worked; to"
          + " read that takes ADMIN_TOKEN.",
      "",
      "What gives no answer at all is waited for, 5 minutes at most, because this machine may"
          + " have no network. A release is rolled back only if somebody answers with an error, or"
          + " if the platform says that the origin is unhealthy, has failed or is stopped.",
      "",
      "--json prints an object: {\"passed\", \"checks\": [{\"check\", \"subject\","
          + " \"passed\", \"answered\", \"expected\", \"seen\", \"advice\"}], \"warnings\"}.",
      "",
      "Exit code 1: a check failed."
    },
    footer = {
      "  mcpist verify",
      "  # The checks that failed:",
      "  mcpist verify --timeout 30s --json | jq '.checks[] | select(.passed | not)'"
    })
public final class VerifyCommand extends SiteCommand {
  @Mixin private Output output = new Output();

  @Option(
      names = "--timeout",
      paramLabel = "DURATION",
      defaultValue = "2m",
      description =
          "How long it may take until all checks pass, but for a new entrance (default:"
              + " ${DEFAULT-VALUE}).")
  private Duration timeout = Duration.ofMinutes(2);

  @Option(
      names = "--rollback-on-failure",
      description = "If a check fails, deploy the last good release again. The exit code stays 1.")
  private boolean rollingBack;

  @Option(
      names = "--notify",
      description =
          "Tell the webhooks of mcpist.yml about a failure or a warning, and about its end.")
  private boolean telling;

  @Option(
      names = "--run",
      paramLabel = "ID",
      description = "The id that the deploying commands shared. The deployment ends here.")
  private @Nullable String run;

  @Override
  public Integer call() throws Exception {
    Place place = Place.open(this, rollingBack ? Place.ALL : Place.NOBODY);
    try (Interruption _ = Interruption.ofThisThread();
        Progress progress = output.progress()) {
      Verification.Result result =
          new Verification(place.site(), place.announcements(), progress)
              .verify(Optional.ofNullable(run), telling, timeout);
      progress.done();
      output.print(() -> json(result), terminal -> hinted(text(result, terminal)));
      if (result.isBad() && rollingBack) {
        takeBack(place, result, progress);
        progress.done();
      }
      return code(result.passed());
    }
  }

  /** Where the environment has a token for Cloudflare, what is there goes back as well. */
  private void takeBack(Place place, Verification.Result result, Progress progress)
      throws Exception {
    Terminal terminal = Terminal.detect();
    PrintStream out = output.aside();
    Optional<URI> edge = edge();
    Optional<Supplier<WorkerDeployer>> worker = Optional.empty();
    if (!isLocal()) {
      ProductionSite production = production();
      worker =
          production
              .cloudflare()
              .filter(CloudflareSite::hasToken)
              .map(
                  cloudflare ->
                      () ->
                          production.workerDeployer(
                              cloudflare, place.site(), edge, place.announcements(), progress));
    }
    Outcome outcome =
        new VerificationRollback(
                place.site(),
                place.deployer(progress),
                worker,
                place.secrets(),
                SiteCommand.caller(),
                progress)
            .take(result, back -> out.print(hinted(WorkerCommand.text(back, terminal))));
    out.print(hinted(OutcomeReport.text(outcome, terminal)));
    out.flush();
  }

  static String text(Verification.Result result, Terminal terminal) {
    return "\n"
        + OutcomeReport.checks(result.findings(), terminal)
        + "\n"
        + OutcomeReport.notes(result.warnings())
        + (result.passed()
            ? terminal.green("Verified") + ": everything holds.\n"
            : terminal.red("Not verified") + ": " + failed(result) + ".\n");
  }

  private static String failed(Verification.Result result) {
    if (result.isUnseen()) {
      return "what failed could not be reached from here, and no platform says that the release is"
          + " bad. Nothing is rolled back. Look at the network of this machine, and run it again";
    }
    return result.keeps()
        ? "the origins pass every check, and the entrance has never worked, or cannot be reached"
            + " from here. Nothing is rolled back"
        : "something does not hold";
  }

  private static ObjectNode json(Verification.Result result) {
    return Output.object()
        .put("passed", result.passed())
        .putPOJO("checks", result.findings())
        .putPOJO("warnings", result.warnings());
  }
}
