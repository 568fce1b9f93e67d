package com.mcpist.deploy.secrets;

import module java.base;

import com.mcpist.deploy.admin.AdminPath.Access;
import com.mcpist.deploy.admin.AdminPath.AdminException;
import com.mcpist.deploy.admin.AdminPath.AdminException.Kind;
import com.mcpist.deploy.edgeclient.EdgeControl;
import com.mcpist.deploy.edgeclient.EdgeControl.EdgeStatus;
import com.mcpist.deploy.http.ApiClient;
import com.mcpist.deploy.image.ImageReference;
import com.mcpist.deploy.platform.Platform;
import com.mcpist.deploy.platform.Platform.Wanted;
import com.mcpist.deploy.platform.Rollout;
import com.mcpist.deploy.platform.SecretStore.SecretChange;
import com.mcpist.deploy.release.DeployException;
import com.mcpist.deploy.release.DeploymentLock;
import com.mcpist.deploy.release.Site.Target;
import com.mcpist.deploy.release.Watcher;
import com.mcpist.deploy.secret.Secret;
import com.mcpist.deploy.secrets.SecretQuery.RunningSecrets;
import com.mcpist.deploy.secrets.SecretSite.ChangeOptions;
import com.mcpist.deploy.secrets.SecretSite.Program;
import com.mcpist.deploy.time.Deadline;

/**
 * Brings values to programs until each has shown that it runs with them, under the deployment lock;
 * an origin starts again only while another one serves.
 */
final class SecretDelivery implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Duration LOOK = Duration.ofSeconds(10);
  private static final Duration HEALTH_LOOK = Duration.ofSeconds(5);
  private static final Duration PAUSE = Duration.ofMillis(500);
  private static final int QUESTIONS = 3;

  private final SecretSite site;
  private final List<Access> accesses;
  private final ChangeOptions options;
  private final Watcher watcher;
  private final DeploymentLock lock;

  /** Fails where somebody else has the lock, or where it cannot be had and an origin serves. */
  SecretDelivery(
      SecretSite site,
      List<Access> accesses,
      ChangeOptions options,
      String purpose,
      Watcher watcher)
      throws InterruptedException {
    this.site = site;
    this.accesses = accesses;
    this.options = options;
    this.watcher = watcher;
    this.lock = lock(purpose);
  }

  private DeploymentLock lock(String purpose) throws InterruptedException {
    if (!anyServes()) {
      watcher.note("No origin answers: without the deployment lock, which they would keep");
      return DeploymentLock.none(watcher);
    }
    try {
      return DeploymentLock.take(
          site.site().admin().orElseThrow().with(accesses),
          UUID.randomUUID(),
          new DeploymentLock.Owner(options.who(), purpose),
          site.in(options.lock()),
          watcher);
    } catch (AdminException e) {
      if (e.kind() == Kind.LOCKED || !options.force()) {
        String hint = e.kind() == Kind.LOCKED ? "" : ". With --force it goes on without the lock";
        throw new DeployException(e.getMessage() + hint, e);
      }
      watcher.note("Without the deployment lock: " + e.getMessage());
      return DeploymentLock.none(watcher);
    }
  }

  private boolean anyServes() throws InterruptedException {
    Deadline look = site.in(LOOK);
    for (Target target : site.site().targets()) {
      if (isHealthyAtLast(target, look)) {
        return true;
      }
    }
    return false;
  }

  /** Somebody else may have a lock that is lost: nothing more must be changed then. */
  void check() {
    if (lock.isLost()) {
      throw new DeployException(
          "the deployment lock is lost: somebody else may be changing the origins. Run it again"
              + " when that is done");
    }
  }

  @Override
  public void close() {
    lock.close();
  }

  /** Without a restart an origin only has them stored, and what runs does not see them yet. */
  Map<String, SecretChange> deliver(Program program, Map<String, Secret> values)
      throws InterruptedException {
    Deadline deadline = site.in(options.limit());
    Optional<Target> origin = program.origin().filter(_ -> options.restart());
    if (origin.isPresent()) {
      awaitAnother(origin.get(), deadline);
    }
    watcher.origin(program.name(), "storing " + String.join(", ", new TreeSet<>(values.keySet())));
    Map<String, SecretChange> changes = program.store().putSecrets(values, deadline);
    if (origin.isPresent()) {
      restart(origin.get(), program.names(), deadline);
    }
    if (options.restart()) {
      awaitProof(program, values, deadline);
    }
    return changes;
  }

  private void restart(Target target, Set<String> names, Deadline deadline)
      throws InterruptedException {
    watcher.origin(target.name(), "starting again");
    Platform platform = target.platform().orElseThrow();
    try (Rollout rollout = begin(platform, names, deadline)) {
      var _ =
          rollout.awaitHealthy(step -> watcher.origin(target.name(), step.toString()), deadline);
    }
  }

  /** A new name must be deployed, also after a run that broke off; else it only restarts. */
  private static Rollout begin(Platform platform, Set<String> names, Deadline deadline)
      throws InterruptedException {
    Optional<ImageReference> image =
        platform.current(deadline).image().filter(running -> running.digest().isPresent());
    if (image.isEmpty()) {
      return platform.restart(deadline);
    }
    Rollout rollout = platform.deploy(new Wanted(image.get(), Map.of(), names), deadline);
    if (!rollout.unchanged()) {
      return rollout;
    }
    rollout.close();
    return platform.restart(deadline);
  }

  private void awaitProof(Program program, Map<String, Secret> values, Deadline deadline)
      throws InterruptedException {
    while (true) {
      RunningSecrets running =
          program.query().ask(accesses, program.names(), deadline.another(LOOK));
      Set<String> lacking = new TreeSet<>();
      values.forEach(
          (name, value) -> {
            if (!running.runs(name, value)) {
              lacking.add(name);
            }
          });
      if (lacking.isEmpty()
          && (program.origin().isEmpty() || isHealthy(program.origin().get(), deadline))) {
        watcher.origin(program.name(), "runs with " + String.join(", ", values.keySet()));
        return;
      }
      if (deadline.passed()) {
        throw new DeployException(
            "%s is not seen running with %s after %s%s. Run it again, and look at its logs"
                .formatted(
                    program.name(),
                    String.join(", ", lacking.isEmpty() ? values.keySet() : lacking),
                    ApiClient.seconds(deadline.length()),
                    running.answered() ? "" : ": " + running.problem()));
      }
      deadline.sleep(PAUSE);
    }
  }

  private void awaitAnother(Target changed, Deadline deadline) throws InterruptedException {
    if (!getsCalls(changed, edgeStatus(deadline)).orElse(false)
        && !isHealthyAtLast(changed, deadline)) {
      return; // Nothing is lost.
    }
    Deadline patience = deadline.another(PATIENCE);
    boolean told = false;
    while (!anotherServes(changed, deadline)) {
      if (patience.passed() || site.site().targets().size() == 1) {
        refuse(changed.name());
        return;
      }
      if (!told) {
        watcher.origin(changed.name(), "waiting until another origin serves");
        told = true;
      }
      patience.sleep(PAUSE);
    }
  }

  private void refuse(String origin) {
    String problem = "while " + origin + " starts again, no other origin would serve";
    if (options.force()) {
      watcher.note(problem);
      return;
    }
    String others =
        site.site().names().stream()
            .filter(name -> !name.equals(origin))
            .collect(Collectors.joining(" or "));
    throw new DeployException(
        problem
            + ": "
            + (others.isEmpty() ? "another one" : others)
            + " must be healthy, and not drained. With --force it is done all the same");
  }

  private boolean anotherServes(Target changed, Deadline deadline) throws InterruptedException {
    Optional<EdgeStatus> edge = edgeStatus(deadline);
    for (Target other : site.site().targets()) {
      if (!other.name().equals(changed.name())
          && getsCalls(other, edge).orElse(true)
          && isHealthy(other, deadline)) {
        return true;
      }
    }
    return false;
  }

  /** Whether the edge would send it calls; empty where it does not tell. */
  private static Optional<Boolean> getsCalls(Target origin, Optional<EdgeStatus> edge) {
    return edge.flatMap(status -> status.origin(origin.name()))
        .map(seen -> seen.state().equals("healthy"));
  }

  private Optional<EdgeStatus> edgeStatus(Deadline deadline) throws InterruptedException {
    return EdgeControl.ask(site.edge(), deadline.another(HEALTH_LOOK));
  }

  /** One question that fails is not enough to take an origin for one that serves nobody. */
  private static boolean isHealthyAtLast(Target origin, Deadline deadline)
      throws InterruptedException {
    for (int i = 1; i < QUESTIONS; i++) {
      if (isHealthy(origin, deadline)) {
        return true;
      }
      deadline.sleep(PAUSE);
    }
    return isHealthy(origin, deadline);
  }

  /** As strangers see it: which secret it knows does not matter. */
  private static boolean isHealthy(Target origin, Deadline deadline) throws InterruptedException {
    return origin.client().health(Optional.empty(), deadline.another(HEALTH_LOOK)).ok();
  }
}
