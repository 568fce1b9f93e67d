package com.mcpist.deploy;

import module java.base;

import com.mcpist.deploy.config.Deployment;
import com.mcpist.deploy.config.Deployment.Cloudflare;
import com.mcpist.deploy.config.Deployment.Edge.Failover;
import com.mcpist.deploy.edgeclient.EdgeConfig;
import com.mcpist.deploy.edgeclient.EdgeConfig.Guard;
import com.mcpist.deploy.platform.PlatformException;
import com.mcpist.deploy.platform.PlatformException.Kind;
import com.mcpist.deploy.platform.cloudflare.CloudflareAccess;
import com.mcpist.deploy.platform.cloudflare.LoadBalancer;
import com.mcpist.deploy.platform.cloudflare.LoadBalancer.LoadBalancers;
import com.mcpist.deploy.platform.cloudflare.WorkerPlatform;
import com.mcpist.deploy.platform.cloudflare.WorkerRelease;
import com.mcpist.deploy.platform.cloudflare.WorkerVersion;
import com.mcpist.deploy.secret.Secret;
import com.mcpist.deploy.time.Deadline;

/**
 * The deployment's Worker and load balancers on Cloudflare, read with the variables
 * CLOUDFLARE_API_TOKEN, CLOUDFLARE_ZONE_ID and CLOUDFLARE_API_URL.
 */
public record CloudflareSite(Deployment deployment, Cloudflare cloudflare, Platforms platforms) {

  /** The variables without which the load balancer cannot be asked. */
  static final Set<String> BALANCER_NEEDS = Set.of(CloudflareAccess.TOKEN, CloudflareAccess.ZONE);

  public static Optional<CloudflareSite> of(Deployment deployment, Platforms platforms) {
    return deployment
        .cloudflare()
        .map(section -> new CloudflareSite(deployment, section, platforms));
  }

  public CloudflareAccess access() {
    return CloudflareAccess.of(
        cloudflare.account(),
        platforms.address(CloudflareAccess.NAME, "CLOUDFLARE_API_URL", CloudflareAccess.API),
        platforms.environment(),
        platforms.time());
  }

  public WorkerPlatform worker() {
    return new WorkerPlatform(access(), cloudflare.worker());
  }

  /**
   * The version that serves. The version is empty if none is known to serve; the problem then says
   * why.
   */
  public record Serving(Optional<WorkerVersion> version, String problem) {
    public String told() {
      return version.map(WorkerVersion::toString).orElse(problem);
    }
  }

  public Serving serving(Deadline deadline) throws InterruptedException {
    try {
      Optional<WorkerVersion> now = worker().current(deadline);
      return new Serving(now, now.isEmpty() ? "no version has all traffic" : "");
    } catch (PlatformException e) {
      return new Serving(Optional.empty(), String.valueOf(e.getMessage()));
    }
  }

  public WorkerRelease release(WorkerRelease.Bundle bundle, String name) {
    Guard guard = Guard.inProduction(deployment, platforms.environment());
    return new WorkerRelease(
        bundle,
        name,
        EdgeConfig.worker(deployment, guard),
        WorkerRelease.stateOf(cloudflare.worker()));
  }

  /**
   * Returns a release with the bundle of a built project. Without a name, the release is named by
   * the beginning of the bundle's digest.
   */
  public WorkerRelease release(Path project, Optional<String> name) {
    WorkerRelease.Bundle bundle = WorkerRelease.Bundle.read(project);
    return release(bundle, name.orElseGet(bundle::name));
  }

  public boolean hasToken() {
    return !platforms.environment().getOrDefault(CloudflareAccess.TOKEN, "").isBlank();
  }

  public boolean isBalanced() {
    return deployment.edge().failover() == Failover.LOAD_BALANCER;
  }

  public Optional<LoadBalancer> balancer() {
    List<String> origins = deployment.originNames();
    return cloudflare
        .loadBalancer()
        .filter(_ -> isBalanced())
        .map(host -> new LoadBalancer(access(), zone(), host, deployment.service(), origins));
  }

  /** Returns the zone's load balancers, or empty if the environment does not name the zone. */
  public Optional<LoadBalancers> balancers() {
    return platforms.environment().getOrDefault(CloudflareAccess.ZONE, "").isBlank()
        ? Optional.empty()
        : Optional.of(new LoadBalancers(access(), zone()));
  }

  public String zone() {
    return Secret.fromEnvironment(platforms.environment(), CloudflareAccess.ZONE)
        .map(Secret::reveal)
        .filter(id -> id.matches("[0-9a-f]{32}"))
        .orElseThrow(
            () ->
                new PlatformException(
                    Kind.REJECTED,
                    CloudflareAccess.NAME,
                    CloudflareAccess.ZONE,
                    "is not set, or is no zone's id",
                    "Set it to the 32 digits that the zone's overview shows"));
  }

  /** Returns a text without the environment's values, since some are secrets. */
  @Override
  public String toString() {
    return "CloudflareSite[" + cloudflare.worker() + "]";
  }
}
