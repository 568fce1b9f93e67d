package com.mcpist.cli;

import com.mcpist.deploy.CloudflareSite;
import com.mcpist.deploy.ProductionSite;
import com.mcpist.deploy.VerificationRollback;
import com.mcpist.deploy.WorkerDeployer;
import com.mcpist.deploy.platform.PlatformException;
import com.mcpist.deploy.platform.cloudflare.CloudflareAccess;
import com.mcpist.deploy.release.DeployException;
import com.mcpist.deploy.release.Outcome;
import com.mcpist.deploy.release.Verification;
import java.io.PrintStream;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Checks that a deployment does what it must. */
@Command(
    name = "verify",
    description = {
      "Checks each origin with the gateway secret, without it and with a wrong one, that all run"
          + " one release, and that a client gets the list of tools through the edge. It asks again"
          + " and again until everything holds.",
      "",
      "An entrance that has never worked, whose name or certificate may be new, is waited for, for"
          + " 20 minutes, while the origins hold all their checks, and nothing is taken back for"
          + " it. That it has worked is known from the origins' database, which takes ADMIN_TOKEN.",
      "",
      "With --json: one object {\"passed\", \"checks\": [{\"check\", \"subject\", \"passed\","
          + " \"expected\", \"seen\", \"advice\"}], \"warnings\"}.",
      "",
      "Exit code 1: something does not hold."
    },
    footer = {
      "",
      "Examples:",
      "  mcpist verify",
      "  mcpist verify --timeout 30s --json | jq '.checks[] | select(.passed | not)'"
    })
final class VerifyCommand implements Callable<Integer> {
  @Mixin private SiteOptions where = new SiteOptions();

  @Option(
      names = "--timeout",
      paramLabel = "DURATION",
      converter = DurationConverter.class,
      defaultValue = "2m",
      description =
          "How long it may take until everything holds, but for a new entrance (default:"
              + " ${DEFAULT-VALUE}).")
  private Duration timeout = Duration.ofMinutes(2);

  @Option(
      names = "--rollback-on-failure",
      description =
          "Bring the last good release back where something does not hold. The exit code stays 1.")
  private boolean rollingBack;

  @Option(
      names = "--notify",
      description = "Tell the webhook of mcpist.yml of a failure, and of the recovery from it.")
  private boolean telling;

  @Option(
      names = "--run",
      paramLabel = "ID",
      description = "That of the commands which have deployed what is verified: it ends here.")
  private @Nullable String run;

  @Option(names = "--json", description = "For programs; progress goes to standard error.")
  private boolean json;

  @Override
  public Integer call() throws Exception {
    PrintStream out = json ? System.err : System.out;
    Terminal terminal = Terminal.detect();
    Place place = Place.open(where, rollingBack ? Place.ALL : Place.NOBODY).place();
    try (Interruption _ = Interruption.ofThisThread();
        Progress progress = new Progress(terminal, out)) {
      RolloutProgress watcher = new RolloutProgress(progress, terminal.animated());
      Verification.Result result =
          new Verification(place.site(), place.announcements(), watcher)
              .verify(Optional.ofNullable(run), telling, timeout);
      progress.done();
      System.out.print(json ? json(result) + "\n" : text(result, terminal));
      System.out.flush();
      if (result.isBad() && rollingBack) {
        takeBack(place, result, watcher, out);
        progress.done();
      }
      return result.passed() ? ExitCode.OK : ExitCode.SOFTWARE;
    }
  }

  /** Where the environment has a token for Cloudflare, what is there goes back as well. */
  private void takeBack(
      Place place, Verification.Result result, RolloutProgress watcher, PrintStream out)
      throws Exception {
    Terminal terminal = Terminal.detect();
    boolean reachable = !System.getenv().getOrDefault(CloudflareAccess.TOKEN, "").isBlank();
    Optional<ProductionSite> production =
        where.isLocal() || !reachable ? Optional.empty() : Optional.of(where.production());
    Optional<URI> edge = where.edge();
    VerificationRollback back =
        new VerificationRollback(
            place.site(),
            place.deployer(watcher),
            production
                .filter(one -> one.cloudflare().isPresent())
                .map(one -> () -> worker(place, one, edge, watcher)),
            place.secrets(),
            Who.here(),
            watcher);
    Outcome outcome = back.take(result, worker -> out.print(WorkerReport.text(worker, terminal)));
    out.print(OutcomeReport.text(outcome, terminal));
    out.flush();
  }

  private static WorkerDeployer worker(
      Place place, ProductionSite production, Optional<URI> edge, RolloutProgress watcher)
      throws DeployException, PlatformException {
    CloudflareSite site = production.cloudflare().orElseThrow();
    return new WorkerDeployer(
        place.site(),
        site.worker(),
        production.workerAdmin(edge),
        site.balancers(),
        place.announcements(),
        watcher);
  }

  private static String text(Verification.Result result, Terminal terminal) {
    StringBuilder text =
        new StringBuilder("\n" + FindingsTable.render(result.findings(), terminal) + "\n");
    result.warnings().forEach(warning -> text.append("Note: ").append(warning).append('\n'));
    return text.append(
            result.passed()
                ? terminal.green("Verified") + ": everything holds.\n"
                : terminal.red("Not verified") + ": " + failed(result) + ".\n")
        .toString();
  }

  private static String failed(Verification.Result result) {
    return result.keeps()
        ? "the origins hold every check, and the entrance has not worked yet. Nothing is taken back"
        : "something does not hold";
  }

  private static String json(Verification.Result result) {
    ObjectNode json = JsonMapper.shared().createObjectNode().put("passed", result.passed());
    OutcomeReport.checks(json.putArray("checks"), result.findings());
    result.warnings().forEach(json.putArray("warnings")::add);
    return json.toString();
  }
}
