package com.mcpist.deploy.doctor;

import module java.base;

import com.mcpist.deploy.CloudflareSite;
import com.mcpist.deploy.config.Deployment.SecretTarget;
import com.mcpist.deploy.doctor.Doctor.Diagnosis;
import com.mcpist.deploy.edgeclient.EdgeConfig;
import com.mcpist.deploy.edgeclient.EdgeControl.EdgeException;
import com.mcpist.deploy.edgeclient.EdgeControl.EdgeStatus;
import com.mcpist.deploy.platform.PlatformException;
import com.mcpist.deploy.platform.cloudflare.CloudflareAccess.CloudflareAccount;
import com.mcpist.deploy.platform.cloudflare.CloudflareAccess.CloudflareAccount.BotRules;
import com.mcpist.deploy.platform.cloudflare.LoadBalancer;
import com.mcpist.deploy.platform.cloudflare.WorkerPlatform;
import com.mcpist.deploy.platform.cloudflare.WorkerRelease;
import com.mcpist.deploy.platform.cloudflare.WorkerVersion;
import com.mcpist.deploy.time.Deadline;
import com.mcpist.deploy.time.Time;

record CloudflareDoctor(CloudflareSite site, Time time) {
  private static final String SETTINGS = "Cloudflare, zone settings";
  private static final String STRAIGHT = "straight to the origins";
  private static final String SET_STRICT =
      "Set it to Full (strict), under SSL/TLS in the zone's dashboard, and then rotate"
          + " GATEWAY_SECRET. It holds for all that the zone serves:"
          + " docs/operations/cloudflare.md";

  private interface Look {
    Diagnosis look(String subject) throws InterruptedException;
  }

  void examine(List<Diagnosis> found) throws InterruptedException {
    look("Cloudflare, token", this::token, found);
    if (found.getLast().grade() == Diagnosis.Grade.BAD) {
      return;
    }
    look("Cloudflare, zone", this::zone, found);
    if (found.getLast().grade() == Diagnosis.Grade.GOOD) {
      settings(found);
    }
    look("Cloudflare, KV namespace", this::namespace, found);
    look("Worker", this::worker, found);
    if (found.getLast().grade() == Diagnosis.Grade.GOOD) {
      look("Worker, failover", this::failover, found);
    }
    look("Worker, secrets", this::secrets, found);
    if (site.isBalanced()) {
      look("load balancer", this::balancer, found);
      look("load balancer, pools", this::pools, found);
      look("load balancer, SSL/TLS mode", this::encryption, found);
    }
  }

  private static void look(String subject, Look look, List<Diagnosis> found)
      throws InterruptedException {
    try {
      found.add(look.look(subject));
    } catch (PlatformException | EdgeException e) {
      found.add(Diagnosis.failed(subject, e));
    }
  }

  private Diagnosis token(String subject) throws InterruptedException {
    String state = account().token(limit()).state();
    return state.equals("active")
        ? Diagnosis.good(subject, "is active")
        : Diagnosis.bad(subject, "is " + state, "Make another one: docs/operations/cloudflare.md");
  }

  private Diagnosis zone(String subject) throws InterruptedException {
    String zone = account().zoneName(site.zone(), limit());
    String domain = site.deployment().domain().orElse("");
    return domain.equals(zone) || domain.endsWith("." + zone)
        ? Diagnosis.good(subject, zone)
        : Diagnosis.bad(
            subject,
            domain + " is not in " + zone,
            "Set CLOUDFLARE_ZONE_ID to the id of the zone that domain is in");
  }

  /**
   * Which of the zone's settings refuse clients that are programs, as MCP clients are: they apply
   * before the Worker. Rules that except the domain from them are not looked at. What refuses
   * clients, and what is not known; one line where neither is.
   */
  private void settings(List<Diagnosis> found) throws InterruptedException {
    Optional<BotRules> bots;
    Optional<String> level;
    Optional<String> browserCheck;
    try {
      bots = account().botRules(site.zone(), limit());
      level = account().setting(site.zone(), "security_level", limit());
      browserCheck = account().setting(site.zone(), "browser_check", limit());
    } catch (PlatformException e) {
      found.add(Diagnosis.failed(SETTINGS, e));
      return;
    }
    int before = found.size();
    List<String> unknown = new ArrayList<>();
    bots.ifPresentOrElse(rules -> bots(rules, found), () -> unknown.add("bot rules"));
    if (level.isEmpty()) {
      unknown.add("security level");
    } else if (level.get().equals("under_attack")) {
      found.add(
          Diagnosis.bad(
              SETTINGS,
              "\"I'm Under Attack\" is on: every client gets a page that only a browser can answer",
              "Set another security level, or another one for the domain by a configuration rule"));
    }
    if (browserCheck.isEmpty()) {
      unknown.add("Browser Integrity Check");
    } else if (browserCheck.get().equals("on")) {
      found.add(
          Diagnosis.weak(
              SETTINGS,
              "Browser Integrity Check is on: it refuses clients whose User-Agent is unusual or"
                  + " absent",
              "Switch it off for the domain by a configuration rule, where clients get 403"));
    }
    if (!unknown.isEmpty()) {
      found.add(
          Diagnosis.weak(
              SETTINGS,
              String.join(", ", unknown) + ": not known, the token may not read them",
              "Give it Bot Management: Read and Zone Settings: Read, or look in the dashboard"));
    }
    if (found.size() == before) {
      found.add(Diagnosis.good(SETTINGS, "nothing refuses clients that are programs"));
    }
  }

  private static void bots(BotRules bots, List<Diagnosis> found) {
    if (bots.fightMode()) {
      found.add(
          Diagnosis.bad(
              SETTINGS,
              "Bot Fight Mode is on: it challenges programs",
              "Switch it off under Security, Settings in the zone's dashboard: no rule excepts a"
                  + " host name from it"));
    }
    String refused =
        bots.actions().entrySet().stream()
            .filter(entry -> !entry.getValue().equals("allow"))
            .map(entry -> entry.getKey() + " " + entry.getValue())
            .sorted()
            .collect(Collectors.joining(", "));
    if (!refused.isEmpty()) {
      found.add(
          Diagnosis.bad(
              SETTINGS,
              "Super Bot Fight Mode refuses programs: " + refused,
              "Let it allow them, or let a custom rule skip it for the domain"));
    }
    if (bots.aiBots().equals("block")) {
      found.add(
          Diagnosis.bad(
              SETTINGS,
              "AI bots are blocked, and assistants that connect from their makers' machines with"
                  + " them",
              "Switch the block off, or let a custom rule skip it for the domain"));
    }
  }

  private Diagnosis namespace(String subject) throws InterruptedException {
    String title = WorkerRelease.stateOf(site.cloudflare().worker());
    return account().namespace(title, limit()).isPresent()
        ? Diagnosis.good(subject, title)
        : Diagnosis.bad(
            subject,
            "there is none called " + title,
            "Make it with Terraform: terraform/README.md");
  }

  private Diagnosis worker(String subject) throws InterruptedException {
    Optional<WorkerVersion> version = site.worker().current(limit());
    return version.isPresent()
        ? Diagnosis.good(subject, version.get().toString())
        : Diagnosis.bad(
            subject,
            "no version serves all traffic",
            "Build it with worker/build.sh, and bring it out: mcpist deploy --worker");
  }

  /** What would break the other way round is told in the order that breaks nothing. */
  private Diagnosis failover(String subject) throws InterruptedException {
    WorkerPlatform worker = site.worker();
    WorkerVersion version = worker.current(limit()).orElseThrow();
    Optional<String> now = EdgeConfig.balancerOf(worker.edgeConfig(version, limit()));
    Optional<String> wanted = site.cloudflare().loadBalancer().filter(host -> site.isBalanced());
    String seen =
        "it sends calls " + now.map(host -> "to the load balancer " + host).orElse(STRAIGHT);
    if (now.isPresent()
        && site.balancers().isPresent()
        && !site.balancers().get().has(now.get(), limit())) {
      return Diagnosis.bad(
          subject,
          seen + ", which is not there",
          "Bring out what mcpist.yml says: mcpist deploy --worker");
    }
    return now.equals(wanted)
        ? Diagnosis.good(subject, seen + ", as mcpist.yml says")
        : Diagnosis.bad(
            subject,
            seen + ", and mcpist.yml says " + wanted.orElse(STRAIGHT),
            firstThen(now, wanted));
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

  private Diagnosis secrets(String subject) throws InterruptedException {
    Set<String> missing = new TreeSet<>(site.deployment().secretsFor(SecretTarget.WORKER));
    missing.removeAll(site.worker().secretNames(limit()));
    return missing.isEmpty()
        ? Diagnosis.good(subject, "all that mcpist.yml names are there")
        : Diagnosis.bad(
            subject,
            "not there: " + String.join(", ", missing),
            "Store them there: docs/operations/cloudflare.md");
  }

  private Diagnosis balancer(String subject) throws InterruptedException {
    List<EdgeStatus.Seen> origins = site.balancer().orElseThrow().status(limit()).origins();
    String seen =
        origins.stream()
            .map(origin -> origin.name() + " " + origin.state())
            .collect(Collectors.joining(", "));
    return origins.stream().anyMatch(EdgeStatus.Seen::active)
        ? Diagnosis.good(subject, seen)
        : Diagnosis.bad(subject, seen, "No pool is healthy: look at the origins first");
  }

  private Diagnosis pools(String subject) throws InterruptedException {
    LoadBalancer.Differences differ = site.balancer().orElseThrow().differences(limit());
    if (!differ.without().isEmpty()) {
      return Diagnosis.bad(
          subject,
          "there is none for " + String.join(", ", differ.without()),
          "Make them with Terraform: terraform/README.md");
    }
    if (!differ.outside().isEmpty()) {
      return Diagnosis.bad(
          subject,
          String.join(", ", differ.outside())
              + " gets no calls: its pool is not the load balancer's",
          "Give it to it: mcpist undrain " + differ.outside().getFirst());
    }
    if (!differ.stale().isEmpty()) {
      return Diagnosis.bad(
          subject,
          String.join(", ", differ.stale()) + " gets calls, and mcpist.yml has no such origin",
          "Take it out: mcpist undrain " + site.deployment().originNames().getFirst());
    }
    return differ.foreign().isEmpty()
        ? Diagnosis.good(subject, "one for each origin")
        : Diagnosis.weak(
            subject,
            String.join(", ", differ.foreign()) + " gets calls, and is none of Terraform's",
            "Take it out in Cloudflare's dashboard, where nobody wants it there");
  }

  /**
   * Whether Cloudflare verifies the origins' certificates. The Worker's own requests go to a host
   * name of the zone then, gateway secret and all, and from there on the zone's setting decides.
   */
  private Diagnosis encryption(String subject) throws InterruptedException {
    Optional<String> mode = account().setting(site.zone(), "ssl", limit());
    if (mode.isEmpty()) {
      return Diagnosis.weak(
          subject,
          "is not known: the token may not read it",
          "Look under SSL/TLS in the zone's dashboard that it is Full (strict), or give the token"
              + " Zone Settings: Read");
    }
    String why =
        switch (mode.get()) {
          case "strict", "origin_pull" -> "";
          case "off", "flexible" -> "the gateway secret goes to the origins unencrypted";
          case "full" ->
              "no certificate is verified, and whoever can get between Cloudflare and an origin"
                  + " gets the gateway secret";
          default -> "not known to verify the origins' certificates";
        };
    return why.isEmpty()
        ? Diagnosis.good(subject, mode.get() + ": the origins' certificates are verified")
        : Diagnosis.bad(subject, mode.get() + ": " + why, SET_STRICT);
  }

  private CloudflareAccount account() {
    return new CloudflareAccount(site.access());
  }

  private Deadline limit() {
    return Deadline.in(Doctor.LIMIT, time);
  }
}
