package com.mcpist.deploy;

import module java.base;

import com.mcpist.deploy.admin.AdminPath.Event;
import com.mcpist.deploy.admin.AdminPath.ReleaseRecord.State;
import com.mcpist.deploy.edgeclient.EdgeConfig;
import com.mcpist.deploy.edgeclient.EdgeControl.EdgeAdmin;
import com.mcpist.deploy.edgeclient.EdgeControl.EdgeException;
import com.mcpist.deploy.edgeclient.EdgeControl.EdgeStatus.Tick;
import com.mcpist.deploy.http.ApiClient;
import com.mcpist.deploy.platform.PlatformException;
import com.mcpist.deploy.platform.cloudflare.LoadBalancer.LoadBalancers;
import com.mcpist.deploy.platform.cloudflare.WorkerPlatform;
import com.mcpist.deploy.platform.cloudflare.WorkerRelease;
import com.mcpist.deploy.platform.cloudflare.WorkerVersion;
import com.mcpist.deploy.release.Announcements;
import com.mcpist.deploy.release.DeployException;
import com.mcpist.deploy.release.DeploymentLock;
import com.mcpist.deploy.release.Inspection;
import com.mcpist.deploy.release.Inspection.NewEntrance;
import com.mcpist.deploy.release.Order;
import com.mcpist.deploy.release.Outcome;
import com.mcpist.deploy.release.Outcome.Result;
import com.mcpist.deploy.release.Pipeline;
import com.mcpist.deploy.release.Pipeline.Deployable;
import com.mcpist.deploy.release.Site;
import com.mcpist.deploy.release.Watcher;
import com.mcpist.deploy.time.Deadline;
import com.mcpist.deploy.verify.Verifier.Finding;
import tools.jackson.databind.JsonNode;

/**
 * Deploys the Worker, verifies it, and deploys the version that served before if the verification
 * fails.
 */
public record WorkerDeployer(
    Site site,
    WorkerPlatform worker,
    Optional<EdgeAdmin> admin,
    Optional<LoadBalancers> balancers,
    Announcements announcements,
    Watcher watcher) {

  private static final String SUBJECT = "worker";
  private static final Duration RECORDING = Duration.ofSeconds(10);
  private static final Duration RETURNING = Duration.ofMinutes(2);
  private static final Duration ASKING = Duration.ofSeconds(5);
  private static final Duration PAUSE = Duration.ofSeconds(1);

  /** The time that a version is given until it serves everywhere, which takes some seconds. */
  private static final Duration SPREADING = Duration.ofSeconds(30);

  /**
   * The time that a tick of the cron trigger is given. The trigger runs each minute, and what it
   * records may take as long again to be seen.
   */
  private static final Duration TICKING = Duration.ofMinutes(3);

  private static final Duration BETWEEN_TICKS = Duration.ofSeconds(5);

  private static final String OLD_SECRETS =
      "This version has brought back its own secrets, which have been changed since. `mcpist"
          + " secrets check` tells whether the origins still take them; after the next `mcpist"
          + " deploy --worker`, `mcpist secrets sync` stores today's.";

  /** The reason why the edge does not seem to be the deployed version. */
  private record Wrong(String why, Sign sign) {
    /**
     * Returns true if the version is not to blame. {@code isNew} is true if the entrance has never
     * worked.
     */
    boolean isExcused(boolean isNew) {
      return switch (sign) {
        case BAD -> false;
        case NO_RELEASE -> isNew;
        case NO_ANSWER -> true;
      };
    }

    Result result(boolean isNew) {
      if (isNew) {
        return new Result.Unreached(why);
      }
      return sign == Sign.NO_ANSWER ? new Result.Unseen(why) : new Result.Failed(why);
    }
  }

  private enum Sign {
    /** The Worker was not deployed, or told another release. */
    BAD,
    /** Something answered without a release. A new entrance may do so. */
    NO_RELEASE,
    /** There was no HTTP answer at all. The network of this machine may be the reason. */
    NO_ANSWER
  }

  private interface Begin {
    WorkerPlatform.WorkerRollout at(Deadline deadline) throws InterruptedException;
  }

  /**
   * Deploys a release. Fails if somebody else deploys, if no lock can be taken, or if the release's
   * load balancer is missing.
   */
  public Outcome deploy(WorkerRelease wanted, Order.Terms terms) throws InterruptedException {
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
   * Deploys an earlier version again, with the secrets that it had. A rollback that fails its
   * verification is not reverted, because the version that it replaced was left on purpose.
   */
  public Outcome rollback(Optional<String> to, Order.Terms terms) throws InterruptedException {
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
      throws InterruptedException {
    return new Pipeline(site, announcements, watcher)
        .deploy(
            told,
            terms,
            lock -> {
              Deadline deadline = Deadline.in(terms.limits().rollout(), site.time());
              WorkerPlatform.WorkerRollout rollout = begin.at(deadline);
              return new WorkerDeployment(
                  this,
                  told,
                  terms,
                  forward,
                  rollout,
                  lock,
                  deadline,
                  new ArrayList<>(),
                  new ArrayList<>());
            });
  }

  /** Returns the changing calls that {@link #deploy} would make now, each as a person reads it. */
  public List<String> preview(WorkerRelease wanted, boolean force, Deadline deadline)
      throws InterruptedException {
    checkBalancer(wanted, force, deadline);
    return worker.preview(wanted, deadline);
  }

  /**
   * Checks the load balancer of a release. Nothing is checked for a new Worker: it serves nobody
   * yet, and Terraform needs the Worker before it can make the load balancer.
   */
  private void checkBalancer(WorkerRelease wanted, boolean force, Deadline deadline)
      throws InterruptedException {
    if (worker.exists(deadline)) {
      checkBalancer(wanted.edgeConfig(), force, deadline);
    }
  }

  /**
   * Checks that a version's load balancer exists. If it is missing, the first attempt of every call
   * would fail.
   */
  private void checkBalancer(JsonNode config, boolean force, Deadline deadline)
      throws InterruptedException {
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

  public boolean serves(String release, Deadline deadline) throws InterruptedException {
    return worker.current(deadline).filter(now -> now.release().equals(release)).isPresent();
  }

  public WorkerVersion earlier(Optional<String> to, Deadline deadline) throws InterruptedException {
    List<WorkerVersion> history = worker.history(deadline);
    if (to.isPresent()) {
      return history.stream()
          .filter(version -> version.isCalled(to.get()))
          .findFirst()
          .orElseThrow(
              DeployException.because("the Worker never served " + to.get() + told(history)));
    }
    if (history.isEmpty()) {
      throw new DeployException("the Worker has no version that served all its traffic");
    }
    WorkerVersion now = history.getFirst();
    return history.stream()
        .filter(version -> version.number() < now.number() && !version.sameProgram(now))
        .max(Comparator.comparingLong(WorkerVersion::number))
        .orElseThrow(DeployException.because("the Worker served nothing before " + now));
  }

  private static String told(List<WorkerVersion> history) {
    return history.stream()
        .map(WorkerVersion::toString)
        .collect(Collectors.joining(", ", "; it served ", ""));
  }

  private static Outcome.Version version(WorkerVersion version) {
    return new Outcome.Version(version.release(), version.id(), version.toString());
  }

  private record WorkerDeployment(
      WorkerDeployer by,
      String told,
      Order.Terms terms,
      boolean forward,
      WorkerPlatform.WorkerRollout rollout,
      DeploymentLock lock,
      Deadline deadline,
      List<String> warnings,
      List<Finding> findings)
      implements Deployable {
    @Override
    public Result bringOut() throws InterruptedException {
      if (rollout.oldSecrets()) {
        warnings.add(OLD_SECRETS);
      }
      Inspection inspection = new Inspection(by.site, by.watcher);
      Optional<Wrong> wrong = arrived();
      boolean isNew = wrong.isPresent() && inspection.isNew();
      if (wrong.isPresent() && !wrong.get().isExcused(isNew)) {
        return new Result.Failed(wrong.get().why());
      }
      boolean asked = wrong.isEmpty();
      wrong.ifPresent(
          one -> by.watcher.note("It is not known which release the Worker is: " + one.why()));
      if (terms.verify()) {
        by.watcher.step("Verifying the edge");
        // A rollback should be over soon, so it does not wait for a new entrance.
        NewEntrance handling = forward ? NewEntrance.WAIT : NewEntrance.LEAVE;
        Inspection.Result seen =
            inspection.look(List.of(), Optional.empty(), terms.limits().verification(), handling);
        findings.addAll(seen.findings());
        if (!(seen.result() instanceof Result.Good)) {
          return seen.result();
        }
        if (!asked) {
          wrong = awaitRelease();
          asked = true;
        }
      }
      if (wrong.isPresent() && (asked || !isNew)) {
        return wrong.get().result(isNew);
      }
      if (forward && asked && rollout.wayBack().isPresent()) {
        awaitTick();
      }
      return new Result.Good();
    }

    private Optional<Wrong> arrived() throws InterruptedException {
      try {
        rollout.awaitDeployed(step -> by.watcher.origin(SUBJECT, step.told()), deadline);
        // A Worker that has just been made has neither a domain nor secrets.
        return rollout.before().isEmpty() ? Optional.empty() : awaitRelease();
      } catch (PlatformException e) {
        return Optional.of(new Wrong(String.valueOf(e.getMessage()), Sign.BAD));
      }
    }

    private Optional<Wrong> awaitRelease() throws InterruptedException {
      String release = rollout.version().release();
      if (by.admin.isEmpty() || release.isEmpty()) {
        by.watcher.note("The Worker is not asked which release it is: ADMIN_TOKEN is not set.");
        return Optional.empty();
      }
      by.watcher.step("Waiting until the edge answers with " + release);
      Deadline patience = Deadline.in(SPREADING, by.site.time());
      while (true) {
        Optional<Wrong> wrong = ask(by.admin.get(), release, patience);
        if (wrong.isEmpty() || patience.passed()) {
          return wrong;
        }
        patience.sleep(PAUSE);
      }
    }

    private Optional<Wrong> ask(EdgeAdmin admin, String release, Deadline patience)
        throws InterruptedException {
      String problem = "the edge does not answer with " + release + ", but with: ";
      try {
        String seen = admin.status(patience.another(ASKING)).release().orElse("no release");
        if (seen.equals(release)) {
          return Optional.empty();
        }
        by.watcher.origin(SUBJECT, seen);
        return Optional.of(new Wrong(problem + seen, Sign.BAD));
      } catch (EdgeException e) {
        by.watcher.origin(SUBJECT, String.valueOf(e.getMessage()));
        Sign sign = e.answered() ? Sign.NO_RELEASE : Sign.NO_ANSWER;
        return Optional.of(new Wrong(problem + e.getMessage(), sign));
      }
    }

    /**
     * Waits until the cron trigger has run. Without the trigger, only a call notices an origin that
     * fails.
     */
    private void awaitTick() throws InterruptedException {
      String release = rollout.version().release();
      if (by.admin.isEmpty() || release.isEmpty()) {
        return;
      }
      by.watcher.step("Waiting for the Worker's cron trigger");
      Deadline patience = Deadline.in(TICKING, by.site.time());
      while (true) {
        String seen;
        try {
          Optional<Tick> last = by.admin.get().status(patience.another(ASKING)).lastTick();
          if (last.filter(tick -> tick.release().equals(release)).isPresent()) {
            return;
          }
          seen = last.map(Tick::told).orElse("it has never run");
        } catch (EdgeException e) {
          seen = String.valueOf(e.getMessage());
        }
        by.watcher.origin(SUBJECT, "cron trigger: " + seen);
        if (patience.passed()) {
          warnings.add(
              "The Worker's cron trigger has not run in the "
                  + ApiClient.seconds(TICKING)
                  + " since this deployment ("
                  + seen
                  + "), and origins are watched by it. `terraform apply` makes the trigger, and a"
                  + " new one may take a quarter of an hour; the dashboard shows its runs under the"
                  + " Worker's Settings, Trigger Events. Nothing is taken back for it.");
          return;
        }
        patience.sleep(BETWEEN_TICKS);
      }
    }

    @Override
    public boolean takeBack() throws InterruptedException {
      if (!forward || rollout.wayBack().isEmpty()) {
        return false;
      }
      WorkerVersion before = rollout.wayBack().get();
      by.watcher.step("Bringing back " + before + " of the Worker");
      try {
        Deadline again = deadline.another(RETURNING);
        by.worker.restore(before, false, again).awaitDeployed(step -> {}, again);
        return true;
      } catch (PlatformException e) {
        by.watcher.failed(String.valueOf(e.getMessage()));
        return false;
      }
    }

    /** Records only that the Worker was changed: Cloudflare keeps the Worker's own history. */
    @Override
    public void record(State state, String problem, boolean more) throws InterruptedException {
      lock.keep(more);
      if (!rollout.unchanged()) {
        String message = told + ": " + state.name().toLowerCase(Locale.ROOT);
        lock.write(
            "This",
            admin ->
                admin.keep(
                    Event.now(SUBJECT, Optional.empty(), message),
                    Deadline.in(RECORDING, by.site.time())));
      }
    }

    @Override
    public String passed() {
      return "the Worker is " + rollout.version();
    }

    @Override
    public String advice(Result result) {
      return switch (result) {
        case Result.Returned _ ->
            "The Worker has the version again that it had. Mend it, and deploy again";
        case Result.Good _, Result.Unreached _ ->
            Inspection.advice(findings, "The Worker stays as it is");
        case Result.Unseen _ -> Inspection.UNSEEN_ADVICE;
        case Result.Failed _ ->
            "`mcpist status` tells what serves; `mcpist rollback --worker` brings back what did";
      };
    }

    @Override
    public Optional<String> failing() {
      return Optional.empty();
    }

    @Override
    public Outcome outcome(Result result, List<String> more) {
      warnings.addAll(more);
      return new Outcome(
          result,
          version(rollout.version()),
          rollout.before().map(WorkerDeployer::version),
          !rollout.unchanged(),
          List.of(),
          findings,
          Optional.empty(),
          warnings);
    }
  }
}
