package com.mcpist.cli;

import com.mcpist.deploy.CloudflareSite;
import com.mcpist.deploy.admin.ReleaseRecord.Action;
import com.mcpist.deploy.plan.Strategy;
import com.mcpist.deploy.platform.PlatformException;
import com.mcpist.deploy.platform.cloudflare.CloudflareAccess;
import com.mcpist.deploy.release.DeployException;
import com.mcpist.deploy.release.Order;
import com.mcpist.deploy.release.Outcome;
import com.mcpist.deploy.release.Rollbacks;
import com.mcpist.deploy.release.Verification;
import com.mcpist.deploy.release.WorkerDeployer;
import com.mcpist.deploy.release.WorkerOrder;
import com.mcpist.deploy.time.Deadline;
import com.mcpist.deploy.time.Time;
import java.io.PrintStream;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
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
  private static final Duration ROLLBACK_LIMIT = Duration.ofMinutes(10);
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final Duration LOCK_LIMIT = Duration.ofMinutes(2);

  @Mixin private SiteOptions where = new SiteOptions();

  @Option(
      names = "--timeout",
      paramLabel = "DURATION",
      converter = DurationConverter.class,
      defaultValue = "2m",
      description = "How long it may take until everything holds (default: ${DEFAULT-VALUE}).")
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
      if (!result.passed() && rollingBack) {
        takeWorkerBack(place, result, watcher, out);
        rollBack(place, result, watcher, out);
        progress.done();
      }
      return result.passed() ? ExitCode.OK : ExitCode.SOFTWARE;
    }
  }

  /** Where the run has brought the Worker out as well, it is part of what is bad. */
  private void takeWorkerBack(
      Place place, Verification.Result result, RolloutProgress watcher, PrintStream out)
      throws Exception {
    Optional<CloudflareSite> cloudflare =
        where.isLocal() || result.release().isEmpty()
            ? Optional.empty()
            : where.production().cloudflare();
    if (cloudflare.isEmpty()
        || System.getenv().getOrDefault(CloudflareAccess.TOKEN, "").isBlank()) {
      return;
    }
    try {
      WorkerDeployer worker =
          new WorkerDeployer(
              place.site(),
              cloudflare.get().worker(),
              where.production().workerAdmin(where.edge()),
              place.announcements(),
              watcher);
      if (!worker.serves(result.release().orElseThrow(), Deadline.in(LOCK_LIMIT, Time.system()))) {
        return;
      }
      WorkerOrder order =
          new WorkerOrder(
              false,
              false,
              Who.here(),
              Optional.empty(),
              new Order.Limits(ROLLBACK_LIMIT, PATIENCE, LOCK_LIMIT));
      out.print(WorkerReport.text(worker.rollback(Optional.empty(), order), Terminal.detect()));
      out.flush();
    } catch (DeployException | PlatformException e) {
      // The origins must go back all the same.
      watcher.note("The Worker stays as it is: " + e.getMessage());
    }
  }

  private void rollBack(
      Place place, Verification.Result result, RolloutProgress watcher, PrintStream out)
      throws DeployException, InterruptedException {
    Rollbacks.Earlier good = new Rollbacks(place.site()).lastGood(result.digest());
    Order order =
        new Order(
            Action.ROLLBACK,
            good.image(),
            good.release(),
            Strategy.SIMULTANEOUS,
            Set.of(),
            place.secrets(),
            true, // What is bad everywhere must go, whoever is healthy.
            true,
            Who.here(),
            Optional.empty(),
            new Order.Limits(ROLLBACK_LIMIT, PATIENCE, LOCK_LIMIT));
    Outcome outcome = place.deployer(watcher).deploy(order);
    out.print(OutcomeReport.text(outcome, Terminal.detect()));
    out.flush();
  }

  private static String text(Verification.Result result, Terminal terminal) {
    StringBuilder text =
        new StringBuilder("\n" + FindingsTable.render(result.findings(), terminal) + "\n");
    result.warnings().forEach(warning -> text.append("Note: ").append(warning).append('\n'));
    return text.append(
            result.passed()
                ? terminal.green("Verified") + ": everything holds.\n"
                : terminal.red("Not verified") + ": something does not hold.\n")
        .toString();
  }

  private static String json(Verification.Result result) {
    ObjectNode json = JsonMapper.shared().createObjectNode().put("passed", result.passed());
    OutcomeReport.checks(json.putArray("checks"), result.findings());
    result.warnings().forEach(json.putArray("warnings")::add);
    return json.toString();
  }
}
