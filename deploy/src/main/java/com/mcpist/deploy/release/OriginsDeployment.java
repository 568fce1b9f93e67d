package com.mcpist.deploy.release;

import module java.base;

import com.mcpist.deploy.admin.AdminPath;
import com.mcpist.deploy.admin.AdminPath.ReleaseRecord;
import com.mcpist.deploy.admin.AdminPath.ReleaseRecord.Action;
import com.mcpist.deploy.admin.AdminPath.ReleaseRecord.State;
import com.mcpist.deploy.edgeclient.EdgeControl.EdgeStatus.Calls;
import com.mcpist.deploy.image.ImageReference;
import com.mcpist.deploy.platform.Platform.Release;
import com.mcpist.deploy.platform.PlatformException;
import com.mcpist.deploy.release.Inspection.NewEntrance;
import com.mcpist.deploy.release.OriginRollout.End;
import com.mcpist.deploy.release.Outcome.Result;
import com.mcpist.deploy.release.Pipeline.Deployable;
import com.mcpist.deploy.time.Deadline;
import com.mcpist.deploy.verify.Verifier.Finding;

final class OriginsDeployment implements Deployable {
  private static final Duration LIMIT = Duration.ofSeconds(20);
  private static final int LATEST = 20;

  /** However little time a release is given: what was there before is given this much. */
  private static final Duration LEAST = Duration.ofMinutes(5);

  private final Deployer deployer;
  private final Site site;
  private final Watcher watcher;
  private final Order order;
  private final Plan plan;
  private final Map<String, Deployer.OriginState> states;
  private final DeploymentLock lock;
  private final Optional<Calls> callsBefore;
  private final Map<String, OriginRollout.Result> done = new LinkedHashMap<>();
  private List<Finding> findings = List.of();
  private ReleaseRecord record;

  /** Nobody might serve while more is changed, and to give back is a change too. */
  private boolean uncovered;

  OriginsDeployment(
      Deployer deployer,
      Order order,
      Plan plan,
      Map<String, Deployer.OriginState> states,
      DeploymentLock lock,
      Optional<Calls> callsBefore) {
    this.deployer = deployer;
    this.site = deployer.site();
    this.watcher = deployer.watcher();
    this.order = order;
    this.plan = plan;
    this.states = states;
    this.lock = lock;
    this.callsBefore = callsBefore;
    this.record =
        new ReleaseRecord(
            order.terms().run().map(DeploymentLock::recordId).orElseGet(UUID::randomUUID),
            order.action(),
            order.image().toString(),
            order.digest(),
            order.release(),
            order.strategy().label(),
            order.terms().who(),
            State.RUNNING,
            "",
            List.of(),
            Optional.empty(),
            Optional.empty());
  }

  /** Whose lock is held now has no deployer any more, whatever its record says. */
  static void endBrokenOff(Order order, DeploymentLock lock, Watcher watcher)
      throws InterruptedException {
    Optional<UUID> own = order.terms().run().map(DeploymentLock::recordId);
    lock.write(
        "What broke off before",
        admin -> {
          for (ReleaseRecord kept : admin.releases(LATEST, lock.limit())) {
            if (kept.state() == State.RUNNING && !own.equals(Optional.of(kept.id()))) {
              ReleaseRecord ended = admin.keep(kept.withoutDeployer(), lock.token(), lock.limit());
              watcher.note("The deployment of " + ended.release() + " before: " + ended.detail());
            }
          }
        });
  }

  @Override
  public Result bringOut() throws InterruptedException {
    if (!plan.isEmpty()) {
      keep(State.RUNNING, "");
    }
    Deadline deadline = Deadline.in(order.terms().limits().rollout(), site.time());
    for (List<String> stage : plan.stages()) {
      Result result = bringOut(stage, deadline);
      if (result instanceof Result.Good && !stage.equals(plan.stages().getLast())) {
        result = verify(stage, false);
      }
      if (!(result instanceof Result.Good)) {
        return result;
      }
    }
    Result answered =
        judged(
            states.values().stream().filter(one -> one.unanswered().isPresent()),
            one -> one.origin().name() + ": " + one.unanswered().get());
    return answered instanceof Result.Good
        ? verify(site.names().stream().filter(order::includes).toList(), true)
        : answered;
  }

  private Result bringOut(List<String> stage, Deadline deadline) throws InterruptedException {
    if (lock.isLost()) {
      return new Result.Failed(
          "the deployment's lock is lost, and somebody else may be deploying: nothing more is"
              + " changed");
    }
    Optional<String> refusal =
        order.terms().force() ? Optional.empty() : deployer.uncovered(stage, order);
    if (refusal.isPresent()) {
      uncovered = true;
      return new Result.Failed("nothing more is changed: " + refusal.get());
    }
    watcher.step("Deploying " + order.release() + " to " + String.join(" and ", stage));
    AtomicReference<String> failed = new AtomicReference<>("");
    Concurrently.each(stage, origin -> deploy(origin, failed, deadline))
        .forEach(one -> done.put(one.origin(), one));
    Result judged =
        judged(
            done.values().stream().filter(one -> !one.good() && one.end() != End.UNSEEN),
            one -> one.origin() + ": " + one.detail());
    List<String> unseen =
        done.values().stream()
            .filter(one -> one.end() == End.UNSEEN)
            .map(one -> one.origin() + ": " + one.detail())
            .toList();
    return judged instanceof Result.Good && !unseen.isEmpty()
        ? new Result.Unseen(String.join("; ", unseen))
        : judged;
  }

  /**
   * Deploys to one origin of a stage. If another origin of the stage has failed, this one is not
   * waited for any longer, since all of them are given back.
   */
  private OriginRollout.Result deploy(
      String origin, AtomicReference<String> failed, Deadline deadline)
      throws InterruptedException {
    // A rollback is finished wherever it can be.
    boolean together = order.action() == Action.DEPLOY;
    OriginRollout.Result result =
        rollout(origin)
            .deploy(
                Objects.requireNonNull(states.get(origin)).change().orElseThrow(),
                order.action(),
                deadline.unless(() -> together && !failed.get().isEmpty()));
    boolean stays = result.good() || result.end() == End.UNSEEN;
    if (stays || !together || failed.compareAndSet("", origin)) {
      return result;
    }
    return result.then(
        result.end(), "given up when " + failed.get() + " had failed", Duration.ZERO);
  }

  private static <T> Result judged(Stream<T> wrong, Function<T, String> told) {
    List<String> problems = wrong.map(told).toList();
    return problems.isEmpty() ? new Result.Good() : new Result.Failed(String.join("; ", problems));
  }

  private OriginRollout rollout(String origin) {
    return new OriginRollout(site.target(origin), site, watcher);
  }

  private Result verify(List<String> origins, boolean last) throws InterruptedException {
    if (!order.terms().verify()) {
      return new Result.Good();
    }
    watcher.step("Verifying " + String.join(" and ", origins));
    // Who goes back wants to be back soon.
    boolean waiting = last && order.action() == Action.DEPLOY;
    Inspection.Result seen =
        new Inspection(site, watcher)
            .look(
                origins,
                Optional.of(order.digest()),
                order.terms().limits().verification(),
                waiting ? NewEntrance.WAIT : NewEntrance.LEAVE);
    findings = seen.findings();
    // While others are to follow, an entrance that never worked is no reason to stop.
    return seen.result() instanceof Result.Unreached && !last ? new Result.Good() : seen.result();
  }

  @Override
  public boolean takeBack() throws InterruptedException {
    // What a rollback has brought back was good; what was there before it was not.
    if (plan.isEmpty() || order.action() == Action.ROLLBACK) {
      return false;
    }
    List<OriginRollout.Result> having = having();
    if (having.isEmpty() || uncovered) {
      return having.isEmpty();
    }
    watcher.step(
        "Giving back what was there before, to "
            + having.stream()
                .map(OriginRollout.Result::origin)
                .collect(Collectors.joining(" and ")));
    Duration limit = order.terms().limits().rollout();
    Deadline deadline = Deadline.in(limit.compareTo(LEAST) < 0 ? LEAST : limit, site.time());
    boolean all = true;
    // What is not healthy is not missed.
    having.sort(Comparator.comparing(one -> one.end() != End.FAILED));
    for (List<OriginRollout.Result> stage :
        Plan.atOnce(having, one -> site.target(one.origin()).overlaps())) {
      for (OriginRollout.Result one : Concurrently.each(stage, one -> giveBack(one, deadline))) {
        done.put(one.origin(), one);
        all &= one.end() == End.RETURNED;
      }
    }
    return all;
  }

  /** The origins that have the release, or may have it, also from a deployment that broke off. */
  private List<OriginRollout.Result> having() {
    List<OriginRollout.Result> having = new ArrayList<>();
    for (Deployer.OriginState one : states.values()) {
      String origin = one.origin().name();
      OriginRollout.Result changed = done.get(origin);
      if (changed != null && changed.end() != End.UNTOUCHED) {
        having.add(changed);
      } else if (changed == null && one.change().isPresent() && one.origin().current()) {
        having.add(OriginRollout.Result.of(origin, End.UNCHANGED, one.change().get()));
      }
    }
    return having;
  }

  private OriginRollout.Result giveBack(OriginRollout.Result one, Deadline deadline)
      throws InterruptedException {
    OriginRollout rollout = rollout(one.origin());
    if (!one.beforeDigest().equals(order.digest()) || hadOtherVariables(one)) {
      return rollout.giveBack(one, deadline);
    }
    // A deployment that broke off had brought it out already: what was there is in the records.
    try {
      Rollbacks.Earlier good = new Rollbacks(site).lastGood(Optional.of(order.digest()));
      Release before =
          rollout
              .earlier(good.image(), deadline)
              .orElseThrow(
                  DeployException.because(
                      "its platform does not remember " + good.release() + ", which was good"));
      return rollout.giveBack(
          one.withBefore(before, good.image().digest().orElseThrow()), deadline);
    } catch (DeployException | PlatformException e) {
      return one.then(End.STUCK, String.valueOf(e.getMessage()), Duration.ZERO);
    }
  }

  /** The same image with other variables, as other mounts, is another release. */
  private boolean hadOtherVariables(OriginRollout.Result one) {
    return Objects.requireNonNull(states.get(one.origin()))
        .change()
        .filter(
            change -> !one.before().env().entrySet().containsAll(change.wanted().env().entrySet()))
        .isPresent();
  }

  @Override
  public void record(State state, String problem, boolean more) throws InterruptedException {
    if (!plan.isEmpty()) {
      keep(more ? State.RUNNING : state, problem);
      lock.keep(more);
    }
  }

  private void keep(State state, String detail) throws InterruptedException {
    lock.write(
        "This",
        admin -> {
          lock.renewNow();
          Deadline deadline = Deadline.in(LIMIT, site.time());
          record = admin.keep(record.with(state, detail, parts(admin)), lock.token(), deadline);
        });
  }

  /** Returns the parts of this command, and those that other commands of the run have recorded. */
  private List<ReleaseRecord.Part> parts(AdminPath admin) throws InterruptedException {
    Map<String, ReleaseRecord.Part> parts = new LinkedHashMap<>();
    if (order.terms().run().isPresent()) {
      admin.releases(LATEST, Deadline.in(LIMIT, site.time())).stream()
          .filter(kept -> kept.id().equals(record.id()))
          .flatMap(kept -> kept.origins().stream())
          .forEach(part -> parts.put(part.name(), part));
    }
    done.values().forEach(one -> parts.put(one.origin(), one.recorded()));
    return List.copyOf(parts.values());
  }

  @Override
  public String passed() {
    return site.names().stream().filter(order::includes).collect(Collectors.joining(" and "))
        + " run "
        + order.release();
  }

  @Override
  public String advice(Result result) {
    return switch (result) {
      case Result.Returned _ ->
          "Every origin has the release again that it had. Read the logs, mend it, deploy again";
      case Result.Good _, Result.Unreached _ ->
          Inspection.advice(findings, Inspection.ORIGINS_STAY);
      case Result.Unseen _ -> Inspection.UNSEEN_ADVICE;
      case Result.Failed _ ->
          "`mcpist status` tells what runs where; `mcpist rollback` brings back what was good";
    };
  }

  @Override
  public Optional<String> failing() {
    Stream<String> found =
        findings.stream()
            .filter(finding -> !finding.passed() && site.names().contains(finding.subject()))
            .map(Finding::subject);
    Stream<String> failed =
        done.values().stream()
            .filter(one -> !one.detail().isEmpty())
            .map(OriginRollout.Result::origin);
    return Stream.concat(found, failed).findFirst();
  }

  @Override
  public Outcome outcome(Result result, List<String> warnings) throws InterruptedException {
    Optional<Calls> after = deployer.calls();
    List<String> notes = new ArrayList<>(warnings);
    if (result instanceof Result.Good) {
      notes.addAll(mountProblems());
    }
    return new Outcome(
        result,
        new Outcome.Version(
            order.release(),
            order.digest(),
            order.release() + " (" + ImageReference.brief(order.digest()) + ")"),
        Optional.empty(),
        !plan.isEmpty(),
        done.values().stream().map(OriginRollout.Result::outcome).toList(),
        findings,
        callsBefore.flatMap(before -> after.map(now -> now.since(before))),
        notes);
  }

  /** As that an image lacks a server's program: the origin serves all else. */
  private List<String> mountProblems() throws InterruptedException {
    Deadline deadline = Deadline.in(LIMIT, site.time());
    return Concurrently.each(
            site.targets().stream().filter(target -> order.includes(target.name())).toList(),
            target ->
                site.mountProblems(target, deadline).stream()
                    .map(problem -> target.name() + ": " + problem)
                    .toList())
        .stream()
        .flatMap(List::stream)
        .toList();
  }
}
