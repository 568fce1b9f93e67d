package com.mcpist.deploy;

import com.mcpist.deploy.config.ConfigException;
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
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;

/**
 * What a deployment has on Cloudflare, as the environment lets it be reached: CLOUDFLARE_API_TOKEN,
 * CLOUDFLARE_ZONE_ID, and CLOUDFLARE_API_URL for another address in the vendor's place.
 */
public record CloudflareSite(Deployment deployment, Cloudflare cloudflare, Platforms platforms) {

  /** The variables without which the load balancer cannot be asked. */
  static final Set<String> BALANCER_NEEDS = Set.of(CloudflareAccess.TOKEN, CloudflareAccess.ZONE);

  public static Optional<CloudflareSite> of(Deployment deployment, Platforms platforms) {
    return deployment
        .cloudflare()
        .map(section -> new CloudflareSite(deployment, section, platforms));
  }

  public CloudflareAccess access() throws PlatformException {
    return CloudflareAccess.of(
        cloudflare.account(),
        platforms.address(CloudflareAccess.NAME, "CLOUDFLARE_API_URL", CloudflareAccess.API),
        platforms.environment(),
        platforms.time());
  }

  public WorkerPlatform worker() throws PlatformException {
    return new WorkerPlatform(access(), cloudflare.worker());
  }

  /** Empty where no version is known to serve: the problem says why. */
  public record Serving(
      Optional<String> release, Optional<String> version, String problem, String told) {}

  public Serving serving(Deadline deadline) throws InterruptedException {
    try {
      Optional<WorkerVersion> now = worker().current(deadline);
      String problem = now.isEmpty() ? "no version has all traffic" : "";
      return new Serving(
          now.map(WorkerVersion::release),
          now.map(WorkerVersion::id),
          problem,
          now.map(WorkerVersion::toString).orElse(problem));
    } catch (PlatformException e) {
      String problem = String.valueOf(e.getMessage());
      return new Serving(Optional.empty(), Optional.empty(), problem, problem);
    }
  }

  public WorkerRelease release(WorkerRelease.Bundle bundle, String name) throws ConfigException {
    Guard guard = Guard.inProduction(deployment, platforms.environment());
    return new WorkerRelease(
        bundle,
        name,
        EdgeConfig.worker(deployment, guard),
        WorkerRelease.stateOf(cloudflare.worker()));
  }

  /** With the bundle of a built project; without a name, its digest's beginning is the name. */
  public WorkerRelease release(Path project, Optional<String> name)
      throws ConfigException, PlatformException {
    WorkerRelease.Bundle bundle = WorkerRelease.Bundle.read(project);
    return release(bundle, name.orElseGet(bundle::name));
  }

  public boolean hasToken() {
    return !platforms.environment().getOrDefault(CloudflareAccess.TOKEN, "").isBlank();
  }

  public boolean isBalanced() {
    return deployment.edge().failover() == Failover.LOAD_BALANCER;
  }

  public Optional<LoadBalancer> balancer() throws PlatformException {
    if (!isBalanced() || cloudflare.loadBalancer().isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        new LoadBalancer(
            access(),
            zone(),
            cloudflare.loadBalancer().get(),
            deployment.service(),
            deployment.originNames()));
  }

  /** The zone's load balancers; empty where the environment does not say which zone. */
  public Optional<LoadBalancers> balancers() throws PlatformException {
    return platforms.environment().getOrDefault(CloudflareAccess.ZONE, "").isBlank()
        ? Optional.empty()
        : Optional.of(new LoadBalancers(access(), zone()));
  }

  public String zone() throws PlatformException {
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

  /** The environment without values, since some are secrets. */
  @Override
  public String toString() {
    return "CloudflareSite[" + cloudflare.worker() + "]";
  }
}
