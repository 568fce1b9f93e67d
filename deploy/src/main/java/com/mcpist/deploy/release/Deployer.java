package com.mcpist.deploy.release;

import com.mcpist.deploy.edge.EdgeAdmin;
import com.mcpist.deploy.edge.EdgeException;
import com.mcpist.deploy.edge.EdgeStatus.Calls;
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

/**
 * Brings a release out: looks, plans, changes origin after origin or all at once, verifies, and
 * where that fails gives every origin back what it had.
 *
 * @param edgeAdmin tells what becomes of calls meanwhile; empty where it cannot be asked
 */
public record Deployer(
    Site site, Optional<EdgeAdmin> edgeAdmin, Announcements announcements, Watcher watcher) {
  private static final Duration LOOK_LIMIT = Duration.ofSeconds(60);
  private static final Duration EDGE_LIMIT = Duration.ofSeconds(5);

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
   * @throws DeployException where nothing has been changed
   */
  public Outcome deploy(Order order) throws DeployException, InterruptedException {
    try (Bookkeeping books = Bookkeeping.open(site, order, watcher)) {
      watcher.step("Looking at what runs");
      Map<String, Looked> looked = look(order);
      Plan plan = awaitPlan(looked, order);
      Optional<Calls> before = calls();
      Outcome outcome = new Run(site, order, plan, looked, books, announcements, watcher).go();
      Optional<Calls> after = calls();
      return before.isEmpty() || after.isEmpty()
          ? outcome
          : outcome.with(after.get().since(before.get()));
    }
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
    try {
      List<Looked> all =
          Together.each(
              site.targets(),
              PlatformException.class,
              target -> Looked.at(target, order, site.gateway(), deadline));
      Map<String, Looked> looked = new LinkedHashMap<>();
      all.forEach(one -> looked.put(one.standing().origin(), one));
      return looked;
    } catch (PlatformException e) {
      throw new DeployException(String.valueOf(e.getMessage()), e);
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
    if (edgeAdmin.isEmpty()) {
      return Optional.empty();
    }
    try {
      return edgeAdmin.get().status(Deadline.in(EDGE_LIMIT, site.time())).calls();
    } catch (EdgeException _) {
      return Optional.empty();
    }
  }
}
