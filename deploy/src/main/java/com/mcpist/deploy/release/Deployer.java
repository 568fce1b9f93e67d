package com.mcpist.deploy.release;

import com.mcpist.deploy.edgeclient.EdgeControl;
import com.mcpist.deploy.edgeclient.EdgeException;
import com.mcpist.deploy.edgeclient.EdgeStatus;
import com.mcpist.deploy.http.ApiClient;
import com.mcpist.deploy.platform.PlatformException;
import com.mcpist.deploy.release.Pipeline.Deployable;
import com.mcpist.deploy.time.Deadline;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Brings a release out on the origins: looks, plans, changes origin after origin or all at once,
 * verifies, and where that fails gives every origin back what it had.
 *
 * @param edge tells what is drained, and what becomes of calls; empty where it cannot be asked
 */
public record Deployer(
    Site site, Optional<? extends EdgeControl> edge, Announcements announcements, Watcher watcher) {
  private static final Duration LOOK_LIMIT = Duration.ofSeconds(60);
  private static final Duration CHECK_LIMIT = Duration.ofSeconds(20);
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
   * Does it.
   *
   * @throws DeployException where nothing has been changed; people have been told, unless it is
   *     only that somebody else deploys
   */
  public Outcome deploy(Order order) throws DeployException, InterruptedException {
    try {
      return new Pipeline(site, announcements, watcher)
          .deploy(order.told(), order.terms(), lock -> begin(order, lock));
    } catch (PlatformException e) {
      throw new DeployException(String.valueOf(e.getMessage()), e);
    }
  }

  private Deployable begin(Order order, DeploymentLock lock)
      throws DeployException, InterruptedException {
    OriginsDeployment.endBrokenOff(order, lock, watcher);
    try {
      watcher.step("Looking at what runs");
      Map<String, OriginState> states = look(order);
      Plan plan = awaitPlan(states, order);
      return new OriginsDeployment(this, order, plan, states, lock, calls());
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
  }

  /** Another command of the same run may be changing the other origin at this moment. */
  private Plan awaitPlan(Map<String, OriginState> states, Order order)
      throws DeployException, InterruptedException {
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

  private static Plan plan(Map<String, OriginState> states, Order order) throws DeployException {
    return Plan.of(
        states.values().stream().map(OriginState::origin).toList(),
        order.only(),
        order.strategy(),
        order.terms().force());
  }

  private Map<String, OriginState> look(Order order) throws DeployException, InterruptedException {
    Deadline deadline = Deadline.in(LOOK_LIMIT, site.time());
    Set<String> drained = drained();
    try {
      Map<String, OriginState> states = new LinkedHashMap<>();
      Concurrently.each(
              site.targets(),
              PlatformException.class,
              target ->
                  OriginState.look(
                      target, order, drained.contains(target.name()), site.gateway(), deadline))
          .forEach(state -> states.put(state.origin().name(), state));
      return states;
    } catch (PlatformException e) {
      throw new DeployException(String.valueOf(e.getMessage()), e);
    }
  }

  /**
   * Why nobody might serve while these origins change, as all is at this moment: since the plan was
   * made an origin may have died, or have been drained. Empty where somebody serves for each.
   */
  Optional<String> uncovered(List<String> stage, Order order) throws InterruptedException {
    Deadline deadline = Deadline.in(CHECK_LIMIT, site.time());
    Set<String> drained = drained();
    List<Plan.Origin> now =
        Concurrently.each(
            site.targets(),
            RuntimeException.class,
            target ->
                OriginState.now(
                    target, order, drained.contains(target.name()), site.gateway(), deadline));
    return Plan.uncovered(stage, now);
  }

  /** What the edge sends nothing, as far as it can be asked. */
  private Set<String> drained() throws InterruptedException {
    return status().stream()
        .flatMap(status -> status.origins().stream())
        .filter(origin -> origin.state().equals("drained"))
        .map(EdgeStatus.Seen::name)
        .collect(Collectors.toSet());
  }

  /** What has become of clients' calls; empty where the edge does not tell. */
  Optional<EdgeStatus.Calls> calls() throws InterruptedException {
    return status().flatMap(EdgeStatus::calls);
  }

  private Optional<EdgeStatus> status() throws InterruptedException {
    try {
      return edge.isEmpty()
          ? Optional.empty()
          : Optional.of(edge.get().status(Deadline.in(EDGE_LIMIT, site.time())));
    } catch (EdgeException _) {
      return Optional.empty();
    }
  }
}
