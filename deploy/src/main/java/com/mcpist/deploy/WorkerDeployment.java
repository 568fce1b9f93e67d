package com.mcpist.deploy;

import com.mcpist.deploy.admin.Event;
import com.mcpist.deploy.admin.ReleaseRecord.State;
import com.mcpist.deploy.edgeclient.EdgeAdmin;
import com.mcpist.deploy.edgeclient.EdgeException;
import com.mcpist.deploy.edgeclient.EdgeStatus.Tick;
import com.mcpist.deploy.http.ApiClient;
import com.mcpist.deploy.platform.PlatformException;
import com.mcpist.deploy.platform.cloudflare.WorkerRollout;
import com.mcpist.deploy.platform.cloudflare.WorkerVersion;
import com.mcpist.deploy.release.Deployable;
import com.mcpist.deploy.release.DeploymentLock;
import com.mcpist.deploy.release.Inspection;
import com.mcpist.deploy.release.Inspection.NewEntrance;
import com.mcpist.deploy.release.Order;
import com.mcpist.deploy.release.Outcome;
import com.mcpist.deploy.release.Outcome.Result;
import com.mcpist.deploy.release.Watcher;
import com.mcpist.deploy.time.Deadline;
import com.mcpist.deploy.verify.Finding;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** One deployment of the Worker under way. */
final class WorkerDeployment implements Deployable {
  private static final String SUBJECT = "worker";
  private static final Duration RECORDING = Duration.ofSeconds(10);
  private static final Duration RETURNING = Duration.ofMinutes(2);
  private static final Duration ASKING = Duration.ofSeconds(5);
  private static final Duration PAUSE = Duration.ofSeconds(1);

  /** A version needs some seconds until it serves everywhere. */
  private static final Duration SPREADING = Duration.ofSeconds(30);

  /** The trigger is each minute's, and what it records may take as long until it is seen. */
  private static final Duration TICKING = Duration.ofMinutes(3);

  private static final Duration BETWEEN_TICKS = Duration.ofSeconds(5);

  private static final String OLD_SECRETS =
      "This version has brought back its own secrets, which have been changed since. `mcpist"
          + " secrets check` tells whether the origins still take them; after the next `mcpist"
          + " deploy --worker`, `mcpist secrets sync` stores today's.";

  private final WorkerDeployer deployer;
  private final Watcher watcher;
  private final String told;
  private final Order.Terms terms;
  private final boolean forward;
  private final WorkerRollout rollout;
  private final DeploymentLock lock;
  private final Deadline deadline;
  private final List<String> warnings = new ArrayList<>();
  private List<Finding> findings = List.of();

  /** Which release the Worker says that it is. */
  private sealed interface Said {
    /** The right one, or nobody can ask. */
    record Right() implements Said {}

    record Wrong(String why) implements Said {}

    /** Nothing has answered at all. */
    record Silent(String why) implements Said {}
  }

  /**
   * Once Cloudflare has begun with it.
   *
   * @param forward whether it is a new version: what was there before comes back where it is bad
   */
  WorkerDeployment(
      WorkerDeployer deployer,
      String told,
      Order.Terms terms,
      boolean forward,
      WorkerRollout rollout,
      DeploymentLock lock,
      Deadline deadline) {
    this.deployer = deployer;
    this.watcher = deployer.watcher();
    this.told = told;
    this.terms = terms;
    this.forward = forward;
    this.rollout = rollout;
    this.lock = lock;
    this.deadline = deadline;
  }

  @Override
  public Result bringOut() throws InterruptedException {
    if (rollout.oldSecrets()) {
      warnings.add(OLD_SECRETS);
    }
    Inspection inspection = new Inspection(deployer.site(), watcher);
    Said said = arrived();
    // Behind an entrance that has never worked nothing can be asked yet.
    boolean asked = !(said instanceof Said.Silent && inspection.isNew());
    if (said instanceof Said.Silent(String why) && !asked) {
      watcher.note("The Worker is not asked which release it is: " + why);
    } else if (!(said instanceof Said.Right)) {
      return new Result.Failed(why(said));
    }
    if (terms.verify()) {
      watcher.step("Verifying the edge");
      // Who goes back wants to be back soon.
      NewEntrance handling = forward ? NewEntrance.WAIT : NewEntrance.LEAVE;
      Inspection.Result seen =
          inspection.look(List.of(), Optional.empty(), terms.limits().verification(), handling);
      findings = seen.findings();
      if (!(seen.result() instanceof Result.Good)) {
        return seen.result();
      }
      if (!asked) {
        said = awaitRelease();
        asked = true;
      }
      if (!(said instanceof Said.Right)) {
        return seen.newEntrance() ? new Result.Unreached(why(said)) : new Result.Failed(why(said));
      }
    }
    if (forward && asked && rollout.wayBack().isPresent()) {
      awaitTick();
    }
    return new Result.Good();
  }

  private static String why(Said said) {
    return switch (said) {
      case Said.Right() -> "";
      case Said.Wrong(String why) -> why;
      case Said.Silent(String why) -> why;
    };
  }

  private Said arrived() throws InterruptedException {
    try {
      rollout.awaitDeployed(step -> watcher.origin(SUBJECT, step.told()), deadline);
      // A Worker that is made just now has neither domain nor secrets.
      return rollout.before().isEmpty() ? new Said.Right() : awaitRelease();
    } catch (PlatformException e) {
      return new Said.Wrong(String.valueOf(e.getMessage()));
    }
  }

  /** Waits until the edge says itself that it is the release. */
  private Said awaitRelease() throws InterruptedException {
    String release = rollout.version().release();
    if (deployer.admin().isEmpty() || release.isEmpty()) {
      watcher.note("The Worker is not asked which release it is: ADMIN_TOKEN is not set.");
      return new Said.Right();
    }
    watcher.step("Waiting until the edge answers with " + release);
    Deadline patience = Deadline.in(SPREADING, deployer.site().time());
    while (true) {
      Said said = ask(deployer.admin().get(), release, patience);
      if (said instanceof Said.Right || patience.passed()) {
        return said;
      }
      patience.sleep(PAUSE);
    }
  }

  private Said ask(EdgeAdmin admin, String release, Deadline patience) throws InterruptedException {
    String problem = "the edge does not answer with " + release + ", but with: ";
    try {
      String seen = admin.status(patience.another(ASKING)).release().orElse("no release");
      if (seen.equals(release)) {
        return new Said.Right();
      }
      watcher.origin(SUBJECT, seen);
      return new Said.Wrong(problem + seen);
    } catch (EdgeException e) {
      watcher.origin(SUBJECT, String.valueOf(e.getMessage()));
      return new Said.Silent(problem + e.getMessage());
    }
  }

  /**
   * Waits until the cron trigger has run the release, and warns where it does not: without it an
   * origin that fails while nobody calls is noticed by the first call.
   */
  private void awaitTick() throws InterruptedException {
    String release = rollout.version().release();
    if (deployer.admin().isEmpty() || release.isEmpty()) {
      return;
    }
    watcher.step("Waiting for the Worker's cron trigger");
    Deadline patience = Deadline.in(TICKING, deployer.site().time());
    while (true) {
      String seen;
      try {
        Optional<Tick> last = deployer.admin().get().status(patience.another(ASKING)).lastTick();
        if (last.filter(tick -> tick.release().equals(release)).isPresent()) {
          return;
        }
        seen = last.map(Tick::told).orElse("it has never run");
      } catch (EdgeException e) {
        seen = String.valueOf(e.getMessage());
      }
      watcher.origin(SUBJECT, "cron trigger: " + seen);
      if (patience.passed()) {
        warnings.add(
            "The Worker's cron trigger has not run in the "
                + ApiClient.seconds(TICKING)
                + " since this deployment ("
                + seen
                + "), and origins are watched by it. `terraform apply` makes the trigger, and a new"
                + " one may take a quarter of an hour; the dashboard shows its runs under the"
                + " Worker's Settings, Trigger Events. Nothing is taken back for it.");
        return;
      }
      patience.sleep(BETWEEN_TICKS);
    }
  }

  @Override
  public boolean takeBack() throws InterruptedException {
    if (!forward || rollout.wayBack().isEmpty()) {
      return false;
    }
    WorkerVersion before = rollout.wayBack().get();
    watcher.step("Bringing back " + before + " of the Worker");
    try {
      Deadline again = deadline.another(RETURNING);
      deployer.worker().restore(before, false, again).awaitDeployed(step -> {}, again);
      return true;
    } catch (PlatformException e) {
      watcher.failed(String.valueOf(e.getMessage()));
      return false;
    }
  }

  /** The Worker's own history is Cloudflare's: here is only that it was changed. */
  @Override
  public void record(State state, String problem, boolean more) throws InterruptedException {
    lock.keep(more);
    if (!rollout.unchanged()) {
      String message = told + ": " + state.name().toLowerCase(Locale.ROOT);
      lock.write(
          "This",
          (admin, _) ->
              admin.keep(
                  new Event(SUBJECT, Optional.empty(), message, Optional.empty()),
                  Deadline.in(RECORDING, deployer.site().time())));
    }
  }

  @Override
  public String passed() {
    return "the Worker is " + rollout.version();
  }

  @Override
  public String advice(Result result) {
    return switch (result.state()) {
      case RETURNED -> "The Worker has the version again that it had. Mend it, and deploy again";
      case SUCCEEDED -> Inspection.advice(findings, "The Worker stays as it is");
      case FAILED, RUNNING ->
          "`mcpist status` tells what serves; `mcpist rollback --worker` brings back what did";
    };
  }

  @Override
  public Optional<String> failing() {
    return Optional.empty();
  }

  @Override
  public Outcome outcome(Result result, List<String> more) {
    warnings.addAll(more);
    return new Outcome(
        result,
        version(rollout.version()),
        rollout.before().map(WorkerDeployment::version),
        !rollout.unchanged(),
        List.of(),
        findings,
        Optional.empty(),
        warnings);
  }

  private static Outcome.Version version(WorkerVersion version) {
    return new Outcome.Version(version.release(), version.id(), version.toString());
  }
}
