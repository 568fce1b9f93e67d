package com.mcpist.deploy.release;

import module java.base;

import com.mcpist.deploy.admin.AdminPath.ReleaseRecord.Action;
import com.mcpist.deploy.edgeclient.EdgeControl;
import com.mcpist.deploy.edgeclient.EdgeControl.EdgeStatus;
import com.mcpist.deploy.http.ApiClient;
import com.mcpist.deploy.image.ImageReference;
import com.mcpist.deploy.platform.Platform;
import com.mcpist.deploy.platform.Platform.Release;
import com.mcpist.deploy.platform.Platform.Release.State;
import com.mcpist.deploy.platform.Platform.Wanted;
import com.mcpist.deploy.platform.PlatformException;
import com.mcpist.deploy.release.Pipeline.Deployable;
import com.mcpist.deploy.release.Site.Target;
import com.mcpist.deploy.time.Deadline;
import com.mcpist.deploy.verify.OriginClient.Health;

/** Looks, plans, deploys, verifies, and where that fails gives every origin back what it had. */
public record Deployer(
    Site site, Optional<? extends EdgeControl> edge, Announcements announcements, Watcher watcher) {
  private static final Duration LOOK_LIMIT = Duration.ofSeconds(60);

  /** One slow answer makes no origin unhealthy. */
  private static final Duration HEALTH_LIMIT = Duration.ofSeconds(5);

  private static final Duration HEALTH_CALL = Duration.ofSeconds(5);
  private static final Duration HEALTH_PAUSE = Duration.ofMillis(500);
  private static final Duration CHECK_LIMIT = Duration.ofSeconds(20);
  private static final Duration EDGE_LIMIT = Duration.ofSeconds(5);

  /** How long another command of the same run may have an origin down. */
  private static final Duration SIBLING_LIMIT = Duration.ofMinutes(5);

  private static final Duration PAUSE = Duration.ofSeconds(2);

  record OriginState(Plan.Origin origin, Optional<Change> change, Optional<String> unanswered) {}

  record Change(Release before, String digest, Wanted wanted, List<String> calls) {}

  public Plan preview(Order order) throws InterruptedException {
    Map<String, OriginState> states = look(order);
    Plan plan = plan(states, order);
    for (String origin : plan.origins()) {
      Objects.requireNonNull(states.get(origin))
          .change()
          .ifPresent(change -> watcher.plan(origin, change.calls()));
    }
    return plan;
  }

  /**
   * What an order was derived from before the lock was held. Another deployment may have ended
   * since.
   */
  @FunctionalInterface
  public interface Premise {
    /**
     * Looks again, while the lock is held.
     *
     * @throws DeployException if the order would be another one now
     */
    void check() throws InterruptedException;
  }

  /** People have been told of a failure, unless it is only that somebody else deploys. */
  public Outcome deploy(Order order) throws InterruptedException {
    return deploy(order, () -> {});
  }

  /** Deploys as {@link #deploy(Order)} does, if the premise of the order still holds. */
  public Outcome deploy(Order order, Premise premise) throws InterruptedException {
    return new Pipeline(site, announcements, watcher)
        .deploy(order.told(), order.terms(), lock -> begin(order, premise, lock));
  }

  private Deployable begin(Order order, Premise premise, DeploymentLock lock)
      throws InterruptedException {
    OriginsDeployment.endBrokenOff(order, lock, watcher);
    try {
      premise.check();
      watcher.step("Looking at what runs");
      Map<String, OriginState> states = look(order);
      Plan plan = awaitPlan(states, order);
      return new OriginsDeployment(this, order, plan, states, lock, calls());
    } catch (DeployException | PlatformException e) {
      announcements
          .failed(
              order.told(),
              Optional.empty(),
              String.valueOf(e.getMessage()),
              "Nothing has been changed. Mend what the message says, and run it again")
          .forEach(watcher::note);
      throw e;
    }
  }

  /** Another command of the same run may be changing the other origin at this moment. */
  private Plan awaitPlan(Map<String, OriginState> states, Order order) throws InterruptedException {
    Duration limit = order.terms().run().isPresent() ? SIBLING_LIMIT : Duration.ZERO;
    Deadline patience = Deadline.in(limit, site.time());
    while (true) {
      try {
        return plan(states, order);
      } catch (DeployException e) {
        if (patience.passed()) {
          throw e;
        }
        watcher.note(
            "Waiting for at most " + ApiClient.seconds(patience.length()) + ": " + e.getMessage());
        patience.sleep(PAUSE);
        states.putAll(look(order));
      }
    }
  }

  private static Plan plan(Map<String, OriginState> states, Order order) {
    return Plan.of(
        states.values().stream().map(OriginState::origin).toList(),
        order.only(),
        order.strategy(),
        order.terms().force());
  }

  private Map<String, OriginState> look(Order order) throws InterruptedException {
    Deadline deadline = Deadline.in(LOOK_LIMIT, site.time());
    Set<String> drained = drained();
    Map<String, OriginState> states = new LinkedHashMap<>();
    Concurrently.each(
            site.targets(),
            target -> look(target, order, drained.contains(target.name()), deadline))
        .forEach(state -> states.put(state.origin().name(), state));
    return states;
  }

  private OriginState look(Target target, Order order, boolean drained, Deadline deadline)
      throws InterruptedException {
    Health health = health(target, deadline);
    if (!order.includes(target.name())) {
      return leftAlone(target, order, drained, health, Optional.empty());
    }
    try {
      return changed(target, order, drained, health, deadline);
    } catch (PlatformException e) {
      if (order.action() != Action.ROLLBACK) {
        throw e;
      }
      // A rollback must not wait for a platform that does not answer: the others can be restored.
      return leftAlone(target, order, drained, health, Optional.of(String.valueOf(e.getMessage())));
    }
  }

  private static OriginState changed(
      Target target, Order order, boolean drained, Health health, Deadline deadline)
      throws InterruptedException {
    Platform platform = target.runner();
    Release before = platform.current(deadline);
    Set<String> secrets = new TreeSet<>(order.secrets());
    secrets.retainAll(platform.secretNames(deadline));
    Wanted wanted =
        new Wanted(
            target.pulled(order.image()),
            target.wantedEnv(order.release(), order.digest()),
            secrets);
    List<String> calls = platform.preview(wanted, deadline);
    boolean runs = before.state() == State.HEALTHY;
    boolean healthy = runs && health.ok();
    boolean current = healthy && calls.isEmpty() && health.digest().equals(order.digest());
    String told = runs ? health.told() : "its platform says " + before.told();
    String digest = before.image().flatMap(ImageReference::digest).orElse(health.digest());
    return new OriginState(
        new Plan.Origin(target.name(), healthy, drained, current, false, target.overlaps(), told),
        Optional.of(new Change(before, digest, wanted, calls)),
        Optional.empty());
  }

  private static OriginState leftAlone(
      Target target, Order order, boolean drained, Health health, Optional<String> unanswered) {
    boolean busy =
        order.terms().run().isPresent()
            && !order.includes(target.name())
            && !target.overlaps()
            && !(health.ok() && health.digest().equals(order.digest()));
    return new OriginState(
        new Plan.Origin(
            target.name(), health.ok(), drained, true, busy, target.overlaps(), health.told()),
        Optional.empty(),
        unanswered);
  }

  private Health health(Target target, Deadline deadline) throws InterruptedException {
    Deadline patience = deadline.another(HEALTH_LIMIT);
    while (true) {
      Health health =
          target.client().health(Optional.of(site.gateway()), deadline.another(HEALTH_CALL));
      if (health.ok() || patience.passed()) {
        return health;
      }
      patience.sleep(HEALTH_PAUSE);
    }
  }

  /** An origin may have died or been drained since the plan. Empty: each is covered. */
  Optional<String> uncovered(List<String> stage, Order order) throws InterruptedException {
    Deadline deadline = Deadline.in(CHECK_LIMIT, site.time());
    Set<String> drained = drained();
    List<Plan.Origin> now =
        Concurrently.each(
            site.targets(),
            target ->
                leftAlone(
                        target,
                        order,
                        drained.contains(target.name()),
                        health(target, deadline),
                        Optional.empty())
                    .origin());
    return Plan.uncovered(stage, now);
  }

  private Set<String> drained() throws InterruptedException {
    return status().stream()
        .flatMap(status -> status.origins().stream())
        .filter(origin -> origin.state().equals("drained"))
        .map(EdgeStatus.Seen::name)
        .collect(Collectors.toSet());
  }

  Optional<EdgeStatus.Calls> calls() throws InterruptedException {
    return status().flatMap(EdgeStatus::calls);
  }

  private Optional<EdgeStatus> status() throws InterruptedException {
    return EdgeControl.ask(edge, Deadline.in(EDGE_LIMIT, site.time()));
  }
}
