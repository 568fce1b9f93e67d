package com.mcpist.deploy.release;

import com.mcpist.deploy.admin.ReleaseRecord.Action;
import com.mcpist.deploy.edgeclient.EdgeControl;
import com.mcpist.deploy.edgeclient.EdgeStatus;
import com.mcpist.deploy.edgeclient.EdgeStatus.Calls;
import com.mcpist.deploy.http.ApiClient;
import com.mcpist.deploy.plan.Plan;
import com.mcpist.deploy.platform.PlatformException;
import com.mcpist.deploy.time.Deadline;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * Brings a release out: looks, plans, changes origin after origin or all at once, verifies, and
 * where that fails gives every origin back what it had.
 *
 * @param edgeAdmin tells what becomes of calls meanwhile; empty where it cannot be asked
 */
public record Deployer(
    Site site,
    Optional<? extends EdgeControl> edgeAdmin,
    Announcements announcements,
    Watcher watcher) {
  private static final Duration LOOK_LIMIT = Duration.ofSeconds(60);

  /** How long another command of the same run may have an origin down. */
  private static final Duration SIBLING_LIMIT = Duration.ofMinutes(5);

  private static final Duration PAUSE = Duration.ofSeconds(2);

  /**
   * What would be done; changes nothing. The watcher is told the calls.
   *
   * @throws DeployException where it would be refused
   */
  public Plan preview(Order order) throws DeployException, InterruptedException {
    Map<String, Looked> looked = look(order);
    Plan plan = plan(looked, order);
    plan.origins()
        .forEach(
            origin ->
                Objects.requireNonNull(looked.get(origin))
                    .change()
                    .ifPresent(change -> watcher.plan(origin, change.calls())));
    return plan;
  }

  /**
   * Does it.
   *
   * @throws DeployException where nothing has been changed; people have been told, unless it is
   *     only that somebody else deploys
   */
  public Outcome deploy(Order order) throws DeployException, InterruptedException {
    try (Bookkeeping books = Bookkeeping.open(site, order, watcher)) {
      return deploy(order, books);
    }
  }

  private Outcome deploy(Order order, Bookkeeping books)
      throws DeployException, InterruptedException {
    Map<String, Looked> looked;
    Plan plan;
    try {
      watcher.step("Looking at what runs");
      looked = look(order);
      plan = awaitPlan(looked, order);
    } catch (DeployException e) {
      announcements
          .failed(
              order.told(),
              Optional.empty(),
              String.valueOf(e.getMessage()),
              "Nothing has been changed. Mend what the message says, and run it again")
          .forEach(watcher::note);
      throw e;
    }
    Optional<Calls> before = calls();
    Outcome outcome =
        new Run(site, order, plan, looked, cover(), books, announcements, watcher).go();
    Optional<Calls> after = calls();
    return before.isEmpty() || after.isEmpty()
        ? outcome
        : outcome.with(after.get().since(before.get()));
  }

  /** Another command of the same run may be changing the other origin at this moment. */
  private Plan awaitPlan(Map<String, Looked> looked, Order order)
      throws DeployException, InterruptedException {
    Deadline patience =
        Deadline.in(order.run().isPresent() ? SIBLING_LIMIT : Duration.ZERO, site.time());
    while (true) {
      try {
        return plan(looked, order);
      } catch (DeployException e) {
        if (patience.passed()) {
          throw e;
        }
        watcher.note(
            "Waiting for at most " + ApiClient.seconds(patience.length()) + ": " + e.getMessage());
        patience.sleep(PAUSE);
        looked.putAll(look(order));
      }
    }
  }

  private Map<String, Looked> look(Order order) throws DeployException, InterruptedException {
    Deadline deadline = Deadline.in(LOOK_LIMIT, site.time());
    Set<String> drained = cover().drained();
    try {
      List<Looked> all =
          Together.each(
              site.targets(),
              PlatformException.class,
              target -> look(target, order, drained.contains(target.name()), deadline));
      Map<String, Looked> looked = new LinkedHashMap<>();
      all.forEach(one -> looked.put(one.standing().origin(), one));
      return looked;
    } catch (PlatformException e) {
      throw new DeployException(String.valueOf(e.getMessage()), e);
    }
  }

  /** A way back must not wait for a platform that does not answer: the others can be mended. */
  private Looked look(Target target, Order order, boolean drained, Deadline deadline)
      throws PlatformException, InterruptedException {
    try {
      return Looked.at(target, order, drained, site.gateway(), deadline);
    } catch (PlatformException e) {
      if (order.action() != Action.ROLLBACK) {
        throw e;
      }
      return Looked.unanswered(
          target, drained, site.gateway(), String.valueOf(e.getMessage()), deadline);
    }
  }

  private static Plan plan(Map<String, Looked> looked, Order order) throws DeployException {
    try {
      return Plan.of(
          looked.values().stream().map(Looked::standing).toList(),
          order.only(),
          order.strategy(),
          order.force());
    } catch (Plan.RefusedException e) {
      throw new DeployException(String.valueOf(e.getMessage()), e);
    }
  }

  private Optional<Calls> calls() throws InterruptedException {
    return cover().status().flatMap(EdgeStatus::calls);
  }

  private Cover cover() {
    return new Cover(site, edgeAdmin);
  }
}
