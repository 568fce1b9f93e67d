package com.mcpist.deploy;

import module java.base;

import com.mcpist.deploy.admin.AdminPath.ReleaseRecord.Action;
import com.mcpist.deploy.platform.PlatformException;
import com.mcpist.deploy.release.DeployException;
import com.mcpist.deploy.release.Deployer;
import com.mcpist.deploy.release.Order;
import com.mcpist.deploy.release.Order.Strategy;
import com.mcpist.deploy.release.Outcome;
import com.mcpist.deploy.release.Rollbacks;
import com.mcpist.deploy.release.Site;
import com.mcpist.deploy.release.Verification;
import com.mcpist.deploy.release.Watcher;
import com.mcpist.deploy.time.Deadline;

/**
 * Rolls back to what was good after a failed verification: first the Worker, if the Worker is bad
 * too, and then, in any case, the origins.
 */
public record VerificationRollback(
    Site site,
    Deployer deployer,
    Optional<Supplier<WorkerDeployer>> worker,
    Set<String> secrets,
    String who,
    Watcher watcher) {
  private static final Order.Limits LIMITS =
      new Order.Limits(Duration.ofMinutes(10), Duration.ofSeconds(30), Duration.ofMinutes(2));

  /** Rolls back. Fails if no good release of the origins is known, or if somebody else deploys. */
  public Outcome take(Verification.Result bad, Consumer<Outcome> workerTold)
      throws InterruptedException {
    if (worker.isPresent() && bad.release().isPresent()) {
      takeWorker(worker.get(), bad.release().get(), workerTold);
    }
    Rollbacks rollbacks = new Rollbacks(site);
    Rollbacks.Earlier good = rollbacks.lastGood(bad.digest());
    return deployer.deploy(
        new Order(
            Action.ROLLBACK,
            good.image(),
            good.release(),
            Strategy.SIMULTANEOUS,
            Set.of(),
            secrets,
            // A release with which origins fail must be removed, whether or not they are healthy.
            // If one of them did not answer, it may be the one that serves, and if only the edge
            // fails, all of them serve: then the lock and the check that another origin serves are
            // not left out.
            new Order.Terms(bad.knowsBadOrigins(), true, who, Optional.empty(), LIMITS)),
        () -> good.requireStill(rollbacks.lastGood(bad.digest())));
  }

  /**
   * Rolls the Worker back if the same run deployed it, because the Worker is then part of what is
   * bad.
   */
  private void takeWorker(Supplier<WorkerDeployer> there, String release, Consumer<Outcome> told)
      throws InterruptedException {
    try {
      WorkerDeployer deployed = there.get();
      if (deployed.serves(release, Deadline.in(LIMITS.lock(), site.time()))) {
        told.accept(
            deployed.rollback(
                Optional.empty(), new Order.Terms(false, false, who, Optional.empty(), LIMITS)));
      }
    } catch (DeployException | PlatformException e) {
      // The origins must go back even if the Worker cannot.
      watcher.note("The Worker stays as it is: " + e.getMessage());
    }
  }
}
