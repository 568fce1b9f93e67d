package com.mcpist.deploy.doctor;

import com.mcpist.deploy.CloudflareSite;
import com.mcpist.deploy.config.SecretTarget;
import com.mcpist.deploy.edgeclient.EdgeException;
import com.mcpist.deploy.platform.PlatformException;
import com.mcpist.deploy.platform.cloudflare.CloudflareAccount;
import com.mcpist.deploy.platform.cloudflare.WorkerRelease;
import com.mcpist.deploy.platform.cloudflare.WorkerVersion;
import com.mcpist.deploy.time.Deadline;
import com.mcpist.deploy.time.Time;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** Examines what a deployment has on Cloudflare. It changes nothing. */
record CloudflareDoctor(CloudflareSite site, Time time) {
  static final Duration LIMIT = Duration.ofSeconds(20);
  static final String SEE = "See what the message says";
  private static final String APPLY = "Make it with Terraform: terraform/README.md";

  /** One look, and what it has found. */
  private interface Look {
    Diagnosis look() throws PlatformException, EdgeException, InterruptedException;
  }

  /** All that can be looked at, in the order in which it is needed. */
  void examine(List<Diagnosis> found) throws InterruptedException {
    int before = found.size();
    BalancerDoctor balancers = new BalancerDoctor(site, time);
    look("Cloudflare, token", this::token, found);
    if (found.get(before).grade() == Diagnosis.Grade.BAD) {
      return;
    }
    look("Cloudflare, zone", this::zone, found);
    if (found.getLast().grade() == Diagnosis.Grade.GOOD) {
      new ZoneDoctor(site, time).examine(found);
    }
    look("Cloudflare, KV namespace", this::namespace, found);
    look("Worker", this::worker, found);
    if (found.getLast().grade() == Diagnosis.Grade.GOOD) {
      look(BalancerDoctor.TARGET, balancers::target, found);
    }
    look("Worker, secrets", this::secrets, found);
    if (site.isBalanced()) {
      look("load balancer", balancers::standing, found);
      look(BalancerDoctor.POOLS, balancers::pools, found);
      look(BalancerDoctor.ENCRYPTION, balancers::encryption, found);
    }
  }

  private void look(String subject, Look look, List<Diagnosis> found) throws InterruptedException {
    try {
      found.add(look.look());
    } catch (PlatformException | EdgeException e) {
      found.add(Diagnosis.bad(subject, String.valueOf(e.getMessage()), SEE));
    }
  }

  private Diagnosis token() throws PlatformException, InterruptedException {
    String state = new CloudflareAccount(site.access()).tokenState(limit());
    return state.equals("active")
        ? Diagnosis.good("Cloudflare, token", "is active")
        : Diagnosis.bad(
            "Cloudflare, token", "is " + state, "Make another one: docs/operations/cloudflare.md");
  }

  private Diagnosis zone() throws PlatformException, InterruptedException {
    String zone = new CloudflareAccount(site.access()).zoneName(site.zone(), limit());
    String domain = site.deployment().domain().orElse("");
    boolean inside = domain.equals(zone) || domain.endsWith("." + zone);
    return inside
        ? Diagnosis.good("Cloudflare, zone", zone)
        : Diagnosis.bad(
            "Cloudflare, zone",
            domain + " is not in " + zone,
            "Set CLOUDFLARE_ZONE_ID to the id of the zone that domain is in");
  }

  private Diagnosis namespace() throws PlatformException, InterruptedException {
    String title = WorkerRelease.stateOf(site.cloudflare().worker());
    Optional<String> id = new CloudflareAccount(site.access()).namespace(title, limit());
    return id.isPresent()
        ? Diagnosis.good("Cloudflare, KV namespace", title)
        : Diagnosis.bad("Cloudflare, KV namespace", "there is none called " + title, APPLY);
  }

  private Diagnosis worker() throws PlatformException, InterruptedException {
    Optional<WorkerVersion> version = site.worker().current(limit());
    return version.isPresent()
        ? Diagnosis.good("Worker", version.get().toString())
        : Diagnosis.bad(
            "Worker",
            "no version serves all traffic",
            "Build it with worker/build.sh, and bring it out: mcpist deploy --worker");
  }

  private Diagnosis secrets() throws PlatformException, InterruptedException {
    Set<String> missing = new TreeSet<>(site.deployment().secretsFor(SecretTarget.WORKER));
    missing.removeAll(site.worker().secretNames(limit()));
    return missing.isEmpty()
        ? Diagnosis.good("Worker, secrets", "all that mcpist.yml names are there")
        : Diagnosis.bad(
            "Worker, secrets",
            "not there: " + String.join(", ", missing),
            "Store them there: docs/operations/cloudflare.md");
  }

  private Deadline limit() {
    return Deadline.in(LIMIT, time);
  }
}
