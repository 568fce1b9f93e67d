package com.mcpist.deploy;

import com.mcpist.deploy.edgeclient.EdgeAdmin;
import com.mcpist.deploy.edgeclient.EdgeConfig;
import com.mcpist.deploy.platform.PlatformException;
import com.mcpist.deploy.platform.cloudflare.LoadBalancers;
import com.mcpist.deploy.platform.cloudflare.WorkerPlatform;
import com.mcpist.deploy.platform.cloudflare.WorkerRelease;
import com.mcpist.deploy.platform.cloudflare.WorkerRollout;
import com.mcpist.deploy.platform.cloudflare.WorkerVersion;
import com.mcpist.deploy.release.Announcements;
import com.mcpist.deploy.release.DeployException;
import com.mcpist.deploy.release.Order;
import com.mcpist.deploy.release.Outcome;
import com.mcpist.deploy.release.Pipeline;
import com.mcpist.deploy.release.Site;
import com.mcpist.deploy.release.Watcher;
import com.mcpist.deploy.time.Deadline;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

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

  private interface Begin {
    WorkerRollout at(Deadline deadline)
        throws DeployException, PlatformException, InterruptedException;
  }

  /**
   * A release of the Worker.
   *
   * @throws DeployException where somebody else deploys, nothing can be locked, or it would send
   *     its calls to a load balancer that is not there
   * @throws PlatformException where nothing has been deployed
   */
  public Outcome deploy(WorkerRelease wanted, Order.Terms terms)
      throws DeployException, PlatformException, InterruptedException {
    return deploy(
        "deploy of the Worker, " + wanted.release(),
        terms,
        true,
        deadline -> {
          checkBalancer(wanted, terms.force(), deadline);
          watcher.step("Deploying " + wanted.release() + " to the Worker");
          return worker.deploy(wanted, deadline);
        });
  }

  /**
   * An earlier version again, with the secrets that it had. What is worse than it was left on
   * purpose, so it stays, however bad it is.
   *
   * @param to what people call it, its number, or how its id begins; empty: the one before
   */
  public Outcome rollback(Optional<String> to, Order.Terms terms)
      throws DeployException, PlatformException, InterruptedException {
    return deploy(
        "rollback of the Worker",
        terms,
        false,
        deadline -> {
          WorkerVersion earlier = earlier(to, deadline);
          checkBalancer(worker.edgeConfig(earlier, deadline), terms.force(), deadline);
          watcher.step("Bringing back " + earlier + " of the Worker");
          return worker.restore(earlier, terms.force(), deadline);
        });
  }

  private Outcome deploy(String told, Order.Terms terms, boolean forward, Begin begin)
      throws DeployException, PlatformException, InterruptedException {
    return new Pipeline(site, announcements, watcher)
        .deploy(
            told,
            terms,
            lock -> {
              Deadline deadline = Deadline.in(terms.limits().rollout(), site.time());
              WorkerRollout rollout = begin.at(deadline);
              return new WorkerDeployment(this, told, terms, forward, rollout, lock, deadline);
            });
  }

  /** The changing calls that {@link #deploy} would make now, each as a person reads it. */
  public List<String> preview(WorkerRelease wanted, boolean force, Deadline deadline)
      throws DeployException, PlatformException, InterruptedException {
    checkBalancer(wanted, force, deadline);
    return worker.preview(wanted, deadline);
  }

  /** A Worker that is made just now serves nobody, and Terraform needs it for all that it makes. */
  private void checkBalancer(WorkerRelease wanted, boolean force, Deadline deadline)
      throws DeployException, PlatformException, InterruptedException {
    if (worker.exists(deadline)) {
      checkBalancer(wanted.edgeConfig(), force, deadline);
    }
  }

  /**
   * Looks for the load balancer that a version sends its calls to: where there is none, the first
   * attempt of every call would fail.
   *
   * @param config what the version reads from EDGE_CONFIG
   */
  private void checkBalancer(JsonNode config, boolean force, Deadline deadline)
      throws DeployException, PlatformException, InterruptedException {
    Optional<String> host = EdgeConfig.balancerOf(config);
    if (host.isEmpty()) {
      return;
    }
    if (balancers.isEmpty()) {
      watcher.note(
          "Whether there is a load balancer "
              + host.get()
              + " has not been looked at: CLOUDFLARE_ZONE_ID is not set.");
      return;
    }
    if (balancers.get().has(host.get(), deadline)) {
      return;
    }
    String problem =
        "this version of the Worker sends its calls to the load balancer "
            + host.get()
            + ", and the zone has none of that name";
    if (!force) {
      throw new DeployException(
          problem
              + ". Make it first: terraform apply (docs/operations/cloudflare.md). With --force it"
              + " goes out all the same");
    }
    watcher.note("With --force all the same: " + problem + ".");
  }

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
}
