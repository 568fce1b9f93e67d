package com.mcpist.deploy.doctor;

import module java.base;

import com.mcpist.deploy.CloudflareSite;
import com.mcpist.deploy.Platforms;
import com.mcpist.deploy.ProductionSite;
import com.mcpist.deploy.admin.AdminPath;
import com.mcpist.deploy.admin.AdminPath.Access;
import com.mcpist.deploy.admin.AdminPath.AdminException;
import com.mcpist.deploy.admin.AdminPath.LockHolder;
import com.mcpist.deploy.admin.Billing;
import com.mcpist.deploy.admin.Billing.Finding;
import com.mcpist.deploy.config.Deployment;
import com.mcpist.deploy.config.Deployment.Origin;
import com.mcpist.deploy.config.Deployment.SecretTarget;
import com.mcpist.deploy.edgeclient.EdgeControl;
import com.mcpist.deploy.edgeclient.EdgeControl.EdgeException;
import com.mcpist.deploy.platform.Platform;
import com.mcpist.deploy.platform.Platform.Release;
import com.mcpist.deploy.platform.PlatformException;
import com.mcpist.deploy.release.DeployException;
import com.mcpist.deploy.secret.Secret;
import com.mcpist.deploy.secrets.Source;
import com.mcpist.deploy.time.Deadline;
import com.mcpist.deploy.time.Time;
import com.mcpist.deploy.verify.Entrance;
import com.mcpist.deploy.verify.OriginClient;
import com.mcpist.deploy.verify.OriginClient.Health;

/** Examines a deployment on platforms. It changes nothing. */
public record Doctor(
    Deployment deployment,
    Map<String, String> environment,
    Platforms platforms,
    Consumer<String> watcher,
    Time time) {
  static final Duration LIMIT = Duration.ofSeconds(20);
  private static final int SHORTEST_SECRET = 32;

  public List<Diagnosis> examine() throws InterruptedException {
    List<Diagnosis> found = new ArrayList<>();
    Optional<Secret> gateway = secret(Source.GATEWAY_SECRET, found);
    Optional<Secret> token = secret(Source.ADMIN_TOKEN, found);
    ImageDoctor images = new ImageDoctor(this);
    watcher.accept("the image");
    images.examine(found);
    for (Origin origin : deployment.origins()) {
      watcher.accept(origin.name());
      platform(origin, found);
      origin(origin, gateway, found);
    }
    Optional<AdminPath> admin =
        gateway.isPresent() && token.isPresent()
            ? admin(new Access(gateway.get(), token.get()), found)
            : Optional.empty();
    images.digests(admin, found);
    watcher.accept("who may call");
    new AuthDoctor(this, admin).examine(found);
    if (deployment.billing().isPresent() && admin.isPresent()) {
      watcher.accept("Stripe");
      billing(admin.get(), found);
    }
    Optional<CloudflareSite> cloudflare = CloudflareSite.of(deployment, platforms);
    if (cloudflare.isPresent()) {
      watcher.accept("Cloudflare");
      new CloudflareDoctor(cloudflare.get(), time).examine(found);
    }
    watcher.accept("the edge");
    found.add(edge());
    edgeProblems(found);
    found.add(webhook());
    return found;
  }

  private Optional<Secret> secret(String name, List<Diagnosis> found) {
    Optional<Secret> secret =
        Secret.fromEnvironment(environment, name)
            .map(all -> Secret.of(all.reveal().split(",", 2)[0]));
    String value = secret.map(Secret::reveal).orElse("");
    if (secret.isEmpty()) {
      found.add(
          Diagnosis.bad(
              name,
              "is not set",
              "Set it in the environment to what the origins have; for a new deployment:"
                  + " openssl rand -hex 32"));
    } else if (value.length() < SHORTEST_SECRET) {
      found.add(
          Diagnosis.bad(
              name,
              "is shorter than " + SHORTEST_SECRET + " characters",
              "The origins refuse it. Make one: openssl rand -hex 32"));
    } else if (!value.matches("[\\x21-\\x7e]+")) {
      found.add(
          Diagnosis.bad(
              name,
              "has a line break, a blank, or a character that is not ASCII",
              "Copy it again, in one piece"));
      return Optional.empty();
    } else {
      found.add(Diagnosis.good(name, "is set"));
    }
    return secret;
  }

  private void platform(Origin origin, List<Diagnosis> found) throws InterruptedException {
    String subject = origin.name() + " on " + origin.hosting().platform();
    try {
      Platform platform = platforms.of(origin).orElseThrow();
      found.add(state(subject, platform.current(limit()), platform.logs()));
      for (Platform.Remark remark : platform.remarks(limit())) {
        found.add(remark(subject + ", " + remark.subject(), remark));
      }
      Set<String> missing = new TreeSet<>(deployment.secretsFor(SecretTarget.ORIGINS));
      missing.removeAll(platform.secretNames(limit()));
      found.add(
          missing.isEmpty()
              ? Diagnosis.good(subject + ", secrets", "all that mcpist.yml names are there")
              : Diagnosis.weak(
                  subject + ", secrets",
                  "not there: " + String.join(", ", missing),
                  "Store them there (docs/operations/first-deployment.md). What the origin does not"
                      + " need may be absent"));
    } catch (PlatformException e) {
      found.add(Diagnosis.failed(subject, e));
    }
  }

  private static Diagnosis state(String subject, Release now, String logs) {
    if (now.state() == Release.State.HEALTHY) {
      return Diagnosis.good(subject, now.toString());
    }
    return now.id().isEmpty()
        ? Diagnosis.bad(subject, now.told(), "Deploy to it: mcpist deploy")
        : Diagnosis.bad(subject, now.toString(), "Read its logs: " + logs);
  }

  private static Diagnosis remark(String subject, Platform.Remark remark) {
    if (remark.bad()) {
      return Diagnosis.bad(subject, remark.seen(), remark.advice());
    }
    return remark.advice().isEmpty()
        ? Diagnosis.good(subject, remark.seen())
        : Diagnosis.weak(subject, remark.seen(), remark.advice());
  }

  private void origin(Origin origin, Optional<Secret> gateway, List<Diagnosis> found)
      throws InterruptedException {
    URI url = URI.create(origin.url().orElseThrow());
    Health health = new OriginClient(url, gateway.stream().toList(), time).health(gateway, limit());
    found.add(origin(origin.name() + " at " + url, gateway, health));
    for (Health.DatabaseConnection one : health.connections()) {
      found.add(database(origin.name() + ", " + one.variable(), one));
    }
  }

  private static Diagnosis origin(String subject, Optional<Secret> gateway, Health health) {
    if (!health.ok()) {
      return Diagnosis.bad(
          subject,
          health.told(),
          "Where it has never been deployed, `mcpist deploy --force` does it first; else"
              + " `mcpist status` and its logs tell more");
    }
    return gateway.isPresent() && health.instance().isEmpty()
        ? Diagnosis.bad(
            subject,
            "it does not take this GATEWAY_SECRET for its own",
            "Store this value on the platform, and deploy again")
        : health.problems().isEmpty()
            ? Diagnosis.good(subject, "healthy " + health.release())
            : Diagnosis.weak(subject, health.told(), "Its log tells more");
  }

  private static Diagnosis database(String subject, Health.DatabaseConnection connection) {
    return connection.trusted()
        ? Diagnosis.good(subject, connection.told())
        : Diagnosis.weak(
            subject,
            connection.told(),
            "Who is between could pass for the database. Write sslmode=verify-full, with"
                + " sslrootcert, in the address (docs/design/database.md)");
  }

  private Optional<AdminPath> admin(Access access, List<Diagnosis> found)
      throws InterruptedException {
    watcher.accept("the origins' admin path");
    List<URI> urls =
        deployment.origins().stream().map(o -> URI.create(o.url().orElseThrow())).toList();
    AdminPath path = new AdminPath(urls, List.of(access), time);
    try {
      Optional<LockHolder> holder = path.holder(Deadline.in(Duration.ofSeconds(5), time));
      found.add(
          holder.isEmpty()
              ? Diagnosis.good("admin path", "answers; nobody deploys")
              : Diagnosis.weak(
                  "admin path",
                  holder.get().told(time.wall()) + " deploys at this moment",
                  "Wait until that is done"));
      return Optional.of(path);
    } catch (AdminException e) {
      found.add(
          Diagnosis.bad(
              "admin path",
              String.valueOf(e.getMessage()),
              "Deployments are locked and recorded there. The first one does without: --force"));
      return Optional.empty();
    }
  }

  /** As the origins see the account. */
  private void billing(AdminPath admin, List<Diagnosis> found) throws InterruptedException {
    String url = deployment.domain().map(host -> "https://" + host + "/webhooks/stripe").orElse("");
    try {
      for (Finding finding : new Billing(admin).check(url, limit())) {
        found.add(
            new Diagnosis(
                Diagnosis.Grade.valueOf(finding.grade().toUpperCase(Locale.ROOT)),
                finding.subject(),
                finding.seen(),
                finding.advice()));
      }
    } catch (AdminException e) {
      found.add(
          Diagnosis.bad(
              "Stripe",
              String.valueOf(e.getMessage()),
              "docs/operations/billing.md says what the origins need"));
    }
  }

  private Diagnosis edge() throws InterruptedException {
    if (deployment.domain().isEmpty()) {
      return Diagnosis.weak(
          "edge", "mcpist.yml has no domain", "Add domain, where clients connect");
    }
    URI url = URI.create("https://" + deployment.domain().get());
    Health health = new OriginClient(url, List.of(), time).health(Optional.empty(), limit());
    String subject = "edge at " + url;
    if (!health.ok()) {
      return Diagnosis.bad(subject, health.told(), Entrance.advice(health));
    }
    return health.certificate().isEmpty()
        ? Diagnosis.good(subject, "healthy")
        : Diagnosis.weak(subject, health.told(), "See to its renewal where it is kept");
  }

  /** Where the edge's admin path can be asked. */
  private void edgeProblems(List<Diagnosis> found) throws InterruptedException {
    String advice = "`mcpist status` and the edge's log tell more";
    try {
      Optional<EdgeControl> edge =
          new ProductionSite(deployment, environment, platforms, time)
              .edgeControl(Optional.empty());
      if (edge.isPresent()) {
        for (String problem : edge.get().status(limit()).problems()) {
          found.add(Diagnosis.weak("edge's status", problem, advice));
        }
      }
    } catch (DeployException | PlatformException | EdgeException e) {
      found.add(Diagnosis.weak("edge's status", String.valueOf(e.getMessage()), advice));
    }
  }

  private Diagnosis webhook() {
    String subject = "notifications";
    Optional<String> variable = deployment.notifications().webhook();
    if (variable.isEmpty()) {
      return deployment.alerts().orElse(List.of()).isEmpty()
          ? Diagnosis.weak(subject, "nobody hears of a failure", "Add alerts")
          : Diagnosis.good(subject, "by alerts");
    }
    return Secret.fromEnvironment(environment, variable.get()).isPresent()
        ? Diagnosis.good(subject, variable.get() + " is set")
        : Diagnosis.weak(
            subject,
            variable.get() + " is not set here",
            "Set it to the webhook's address where deployments run");
  }

  Deadline limit() {
    return Deadline.in(LIMIT, time);
  }

  /** The environment without values, since some are secrets. */
  @Override
  public String toString() {
    return "Doctor[" + deployment.service() + "]";
  }

  public record Diagnosis(Grade grade, String subject, String seen, String advice) {
    public enum Grade {
      GOOD,
      /** It works, and something is missing that one may want. */
      WEAK,
      BAD
    }

    static Diagnosis good(String subject, String seen) {
      return new Diagnosis(Grade.GOOD, subject, seen, "");
    }

    static Diagnosis weak(String subject, String seen, String advice) {
      return new Diagnosis(Grade.WEAK, subject, seen, advice);
    }

    static Diagnosis bad(String subject, String seen, String advice) {
      return new Diagnosis(Grade.BAD, subject, seen, advice);
    }

    static Diagnosis failed(String subject, Exception e) {
      return bad(subject, String.valueOf(e.getMessage()), "See what the message says");
    }
  }
}
