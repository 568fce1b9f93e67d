package com.mcpist.deploy.doctor;

import com.mcpist.deploy.CloudflareSite;
import com.mcpist.deploy.edgeclient.EdgeConfig;
import com.mcpist.deploy.edgeclient.EdgeException;
import com.mcpist.deploy.edgeclient.EdgeStatus;
import com.mcpist.deploy.platform.PlatformException;
import com.mcpist.deploy.platform.cloudflare.CloudflareAccount;
import com.mcpist.deploy.platform.cloudflare.LoadBalancer;
import com.mcpist.deploy.platform.cloudflare.WorkerPlatform;
import com.mcpist.deploy.platform.cloudflare.WorkerVersion;
import com.mcpist.deploy.time.Deadline;
import com.mcpist.deploy.time.Time;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** Examines the load balancer, and whether the Worker that serves sends to what there is. */
record BalancerDoctor(CloudflareSite site, Time time) {
  /** Where the Worker sends calls. */
  static final String TARGET = "Worker, failover";

  /** Which pools the load balancer has. */
  static final String POOLS = "load balancer, pools";

  /** How calls go on from the load balancer. */
  static final String ENCRYPTION = "load balancer, SSL/TLS mode";

  private static final String STRAIGHT = "straight to the origins";
  private static final String SET_STRICT =
      "Set it to Full (strict), under SSL/TLS in the zone's dashboard, and then rotate"
          + " GATEWAY_SECRET. It holds for all that the zone serves:"
          + " docs/operations/cloudflare.md";

  /** How the load balancer finds the origins. */
  Diagnosis standing() throws PlatformException, EdgeException, InterruptedException {
    EdgeStatus status = balancer().status(limit());
    String seen =
        status.origins().stream()
            .map(origin -> origin.name() + " " + origin.state())
            .collect(Collectors.joining(", "));
    boolean serves = status.origins().stream().anyMatch(EdgeStatus.Seen::active);
    return serves
        ? Diagnosis.good("load balancer", seen)
        : Diagnosis.bad("load balancer", seen, "No pool is healthy: look at the origins first");
  }

  /**
   * Whether Cloudflare verifies the origins' certificates. The Worker's own requests go to a host
   * name of the zone then, gateway secret and all, and from there on the zone's setting decides.
   */
  Diagnosis encryption() throws PlatformException, InterruptedException {
    Optional<String> mode =
        new CloudflareAccount(site.access()).setting(site.zone(), "ssl", limit());
    if (mode.isEmpty()) {
      return Diagnosis.weak(
          ENCRYPTION,
          "is not known: the token may not read it",
          "Look under SSL/TLS in the zone's dashboard that it is Full (strict), or give the token"
              + " Zone Settings: Read");
    }
    String seen = mode.get() + ": ";
    return switch (mode.get()) {
      case "strict", "origin_pull" ->
          Diagnosis.good(ENCRYPTION, seen + "the origins' certificates are verified");
      case "off", "flexible" ->
          Diagnosis.bad(
              ENCRYPTION, seen + "the gateway secret goes to the origins unencrypted", SET_STRICT);
      case "full" ->
          Diagnosis.bad(
              ENCRYPTION,
              seen
                  + "no certificate is verified, and whoever can get between Cloudflare and an"
                  + " origin gets the gateway secret",
              SET_STRICT);
      default ->
          Diagnosis.bad(
              ENCRYPTION, seen + "not known to verify the origins' certificates", SET_STRICT);
    };
  }

  /** Whether it has a pool for each origin, and for nothing else. */
  Diagnosis pools() throws PlatformException, InterruptedException {
    LoadBalancer.Differences differ = balancer().differences(limit());
    if (!differ.without().isEmpty()) {
      return Diagnosis.bad(
          POOLS,
          "there is none for " + names(differ.without()),
          "Make them with Terraform: terraform/README.md");
    }
    if (!differ.outside().isEmpty()) {
      return Diagnosis.bad(
          POOLS,
          names(differ.outside()) + " gets no calls: its pool is not the load balancer's",
          "Give it to it: mcpist undrain " + differ.outside().getFirst());
    }
    if (!differ.stale().isEmpty()) {
      return Diagnosis.bad(
          POOLS,
          names(differ.stale()) + " gets calls, and mcpist.yml has no such origin",
          "Take it out: mcpist undrain " + site.deployment().originNames().getFirst());
    }
    return differ.foreign().isEmpty()
        ? Diagnosis.good(POOLS, "one for each origin")
        : Diagnosis.weak(
            POOLS,
            names(differ.foreign()) + " gets calls, and is none of Terraform's",
            "Take it out in Cloudflare's dashboard, where nobody wants it there");
  }

  /**
   * Whether the Worker that serves sends calls where mcpist.yml says, and to what there is. What
   * the other way round would break is told in the order that breaks nothing.
   */
  Diagnosis target() throws PlatformException, InterruptedException {
    WorkerPlatform worker = site.worker();
    WorkerVersion version = worker.current(limit()).orElseThrow();
    Optional<String> now = EdgeConfig.balancerOf(worker.edgeConfig(version, limit()));
    Optional<String> wanted = site.cloudflare().loadBalancer().filter(host -> site.isBalanced());
    String seen = "it sends calls " + now.orElse(STRAIGHT);
    if (now.isPresent()) {
      seen = "it sends calls to the load balancer " + now.get();
      boolean there = site.balancers().isEmpty() || site.balancers().get().has(now.get(), limit());
      if (!there) {
        return Diagnosis.bad(
            TARGET,
            seen + ", which is not there",
            "Bring out what mcpist.yml says: mcpist deploy --worker");
      }
    }
    if (now.equals(wanted)) {
      return Diagnosis.good(TARGET, seen + ", as mcpist.yml says");
    }
    return Diagnosis.bad(
        TARGET, seen + ", and mcpist.yml says " + wanted.orElse(STRAIGHT), firstThen(now, wanted));
  }

  private static String firstThen(Optional<String> now, Optional<String> wanted) {
    if (now.isEmpty()) {
      return "First terraform apply, which makes "
          + wanted.orElseThrow()
          + ", and then mcpist deploy --worker";
    }
    return wanted.isEmpty()
        ? "First mcpist deploy --worker, and only then terraform apply, which takes "
            + now.get()
            + " away"
        : "Terraform would rename what the Worker sends to: go by failover: worker in between"
            + " (docs/operations/cloudflare.md)";
  }

  private static String names(List<String> names) {
    return String.join(", ", names);
  }

  private LoadBalancer balancer() throws PlatformException {
    return site.balancer().orElseThrow();
  }

  private Deadline limit() {
    return Deadline.in(CloudflareDoctor.LIMIT, time);
  }
}
