package com.mcpist.deploy.release;

import com.mcpist.deploy.admin.ReleaseRecord.State;
import com.mcpist.deploy.edgeclient.EdgeAdmin;
import com.mcpist.deploy.platform.PlatformException;
import com.mcpist.deploy.platform.cloudflare.LoadBalancers;
import com.mcpist.deploy.platform.cloudflare.WorkerPlatform;
import com.mcpist.deploy.platform.cloudflare.WorkerRelease;
import com.mcpist.deploy.platform.cloudflare.WorkerRollout;
import com.mcpist.deploy.platform.cloudflare.WorkerVersion;
import com.mcpist.deploy.release.Inspection.NewEntrance;
import com.mcpist.deploy.release.WorkerAnswers.Said;
import com.mcpist.deploy.time.Deadline;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Brings the Worker out: uploads a version and deploys it, waits until the edge answers with it,
 * verifies, and where that fails deploys again what served before.
 *
 * @param admin asks the Worker itself; empty where it cannot be asked
 * @param balancers the load balancers that a Worker can send to; empty where they cannot be asked
 */
public record WorkerDeployer(
    Site site,
    WorkerPlatform worker,
    Optional<EdgeAdmin> admin,
    Optional<LoadBalancers> balancers,
    Announcements announcements,
    Watcher watcher) {
  private static final String OLD_SECRETS =
      "This version has brought back its own secrets, which have been changed since. `mcpist"
          + " secrets check` tells whether the origins still take them; after the next `mcpist"
          + " deploy --worker`, `mcpist secrets sync` stores today's.";

  /**
   * A release of the Worker.
   *
   * @throws DeployException where somebody else deploys, nothing can be locked, or it would send
   *     its calls to a load balancer that is not there
   * @throws PlatformException where nothing has been deployed
   */
  public WorkerOutcome deploy(WorkerRelease wanted, WorkerOrder order)
      throws DeployException, PlatformException, InterruptedException {
    String what = "deploy of the Worker, " + wanted.release();
    return inTurn(
        what,
        order,
        deadline -> {
          checkTarget(wanted, order.force(), deadline);
          watcher.step("Deploying " + wanted.release() + " to the Worker");
          return worker.deploy(wanted, deadline);
        },
        true);
  }

  /**
   * An earlier version again, with the secrets that it had.
   *
   * @param to what people call it, its number, or how its id begins; empty: the one before
   */
  public WorkerOutcome rollback(Optional<String> to, WorkerOrder order)
      throws DeployException, PlatformException, InterruptedException {
    return inTurn(
        "rollback of the Worker",
        order,
        deadline -> {
          WorkerVersion earlier = earlier(to, deadline);
          target().check(worker.edgeConfig(earlier, deadline), order.force(), deadline);
          watcher.step("Bringing back " + earlier + " of the Worker");
          return worker.restore(earlier, order.force(), deadline);
        },
        false); // What is worse than it was left on purpose.
  }

  /** The changing calls that {@link #deploy} would make now, each as a person reads it. */
  public List<String> preview(WorkerRelease wanted, boolean force, Deadline deadline)
      throws DeployException, PlatformException, InterruptedException {
    checkTarget(wanted, force, deadline);
    return worker.preview(wanted, deadline);
  }

  /** A Worker that is made just now serves nobody, and Terraform needs it for all that it makes. */
  private void checkTarget(WorkerRelease wanted, boolean force, Deadline deadline)
      throws DeployException, PlatformException, InterruptedException {
    if (worker.exists(deadline)) {
      target().check(wanted.edgeConfig(), force, deadline);
    }
  }

  private WorkerTarget target() {
    return new WorkerTarget(balancers, watcher);
  }

  /** Whether a release is what serves. */
  public boolean serves(String release, Deadline deadline)
      throws PlatformException, InterruptedException {
    return worker.current(deadline).filter(now -> now.release().equals(release)).isPresent();
  }

  /** The version that {@link #rollback} would bring back. */
  public WorkerVersion earlier(Optional<String> to, Deadline deadline)
      throws DeployException, PlatformException, InterruptedException {
    List<WorkerVersion> history = worker.history(deadline);
    if (to.isPresent()) {
      return history.stream()
          .filter(version -> version.isCalled(to.get()))
          .findFirst()
          .orElseThrow(
              () -> new DeployException("the Worker never served " + to.get() + told(history)));
    }
    if (history.isEmpty()) {
      throw new DeployException("the Worker has no version that served all its traffic");
    }
    WorkerVersion now = history.getFirst();
    return history.stream()
        .filter(version -> version.number() < now.number() && !version.sameProgram(now))
        .max(Comparator.comparingLong(WorkerVersion::number))
        .orElseThrow(() -> new DeployException("the Worker served nothing before " + now));
  }

  private static String told(List<WorkerVersion> history) {
    return history.stream()
        .map(WorkerVersion::toString)
        .collect(Collectors.joining(", ", "; it served ", ""));
  }

  private interface Start {
    WorkerRollout begin(Deadline deadline)
        throws DeployException, PlatformException, InterruptedException;
  }

  /**
   * @param back whether what was there before comes back where this is bad
   */
  private WorkerOutcome inTurn(String what, WorkerOrder order, Start start, boolean back)
      throws DeployException, PlatformException, InterruptedException {
    try (WorkerTurn turn = WorkerTurn.take(site, order, what, watcher)) {
      Deadline deadline = Deadline.in(order.limits().rollout(), site.time());
      WorkerRollout rollout = start.begin(deadline);
      WorkerOutcome outcome = finished(rollout, order, back, deadline);
      if (outcome.changed()) {
        turn.keep(what + ": " + outcome.state().name().toLowerCase(java.util.Locale.ROOT), watcher);
      }
      if (order.run().isPresent() && !order.verify() && outcome.passed()) {
        turn.goesOn();
      }
      return announced(what, outcome, order);
    }
  }

  /**
   * How a version is found.
   *
   * @param asked whether the Worker has said itself that it is the release, where it can be asked
   * @param problem empty where nothing is wrong
   */
  private record Found(boolean asked, String problem, Inspection.Result seen) {}

  private WorkerOutcome finished(
      WorkerRollout rollout, WorkerOrder order, boolean back, Deadline deadline)
      throws InterruptedException {
    WorkerAnswers answers = new WorkerAnswers(admin, watcher, site.time());
    Found found = found(rollout, order, back, answers, deadline);
    boolean good = found.problem().isEmpty();
    State state = State.SUCCEEDED;
    if (!good) {
      watcher.failed(found.problem());
      if (!found.seen().keeps()) {
        state = back && returned(rollout, deadline) ? State.RETURNED : State.FAILED;
      }
    }
    List<String> warnings = new ArrayList<>();
    if (rollout.oldSecrets()) {
      warnings.add(OLD_SECRETS);
    }
    if (good && back && found.asked() && rollout.wayBack().isPresent()) {
      answers.awaitTick(rollout.version().release()).ifPresent(warnings::add);
    }
    return new WorkerOutcome(
        state,
        rollout.version(),
        rollout.before(),
        !rollout.unchanged(),
        found.problem(),
        found.seen().findings(),
        warnings);
  }

  private Found found(
      WorkerRollout rollout,
      WorkerOrder order,
      boolean back,
      WorkerAnswers answers,
      Deadline deadline)
      throws InterruptedException {
    Inspection inspection = new Inspection(site, watcher);
    Said said = arrived(rollout, answers, deadline);
    // Behind an entrance that has never worked nothing can be asked yet.
    boolean asked = !(said.silent() && inspection.isNew());
    if (!asked) {
      watcher.note("The Worker is not asked which release it is: " + said.problem());
    }
    String problem = asked ? said.problem() : "";
    if (!problem.isEmpty() || !order.verify()) {
      return new Found(asked, problem, Inspection.Result.NOTHING);
    }
    watcher.step("Verifying the edge");
    // Who goes back wants to be back soon.
    NewEntrance handling = back ? NewEntrance.WAIT : NewEntrance.LEAVE;
    Inspection.Result seen =
        inspection.look(List.of(), Optional.empty(), order.limits().verification(), handling);
    if (!seen.problem().isEmpty() || asked) {
      return new Found(asked, seen.problem(), seen);
    }
    String late = answers.awaitRelease(rollout.version().release()).problem();
    return new Found(true, late, seen);
  }

  private Said arrived(WorkerRollout rollout, WorkerAnswers answers, Deadline deadline)
      throws InterruptedException {
    try {
      rollout.awaitDeployed(step -> answers.told(step.told()), deadline);
      // A Worker that is made just now has neither domain nor secrets.
      return rollout.before().isEmpty()
          ? Said.NOTHING_WRONG
          : answers.awaitRelease(rollout.version().release());
    } catch (PlatformException e) {
      return new Said(String.valueOf(e.getMessage()), false);
    }
  }

  private boolean returned(WorkerRollout rollout, Deadline deadline) throws InterruptedException {
    if (rollout.wayBack().isEmpty()) {
      return false;
    }
    WorkerVersion before = rollout.wayBack().get();
    watcher.step("Bringing back " + before + " of the Worker");
    try {
      Deadline again = deadline.another(Duration.ofMinutes(2));
      worker.restore(before, false, again).awaitDeployed(step -> {}, again);
      return true;
    } catch (PlatformException e) {
      watcher.failed(String.valueOf(e.getMessage()));
      return false;
    }
  }

  private WorkerOutcome announced(String what, WorkerOutcome outcome, WorkerOrder order) {
    List<String> warnings = new ArrayList<>(outcome.warnings());
    if (!outcome.passed()) {
      String advice =
          switch (outcome.state()) {
            case RETURNED ->
                "The Worker has the version again that it had. Mend it, and deploy again";
            case SUCCEEDED -> Inspection.advice(outcome.findings(), "The Worker stays as it is");
            case FAILED, RUNNING ->
                "`mcpist status` tells what serves; `mcpist rollback --worker` brings back what"
                    + " did";
          };
      warnings.addAll(announcements.failed(what, Optional.empty(), outcome.problem(), advice));
    } else if (order.verify()) {
      warnings.addAll(announcements.passed(what, "the Worker is " + outcome.version()));
    }
    return new WorkerOutcome(
        outcome.state(),
        outcome.version(),
        outcome.before(),
        outcome.changed(),
        outcome.problem(),
        outcome.findings(),
        warnings);
  }
}
