package com.mcpist.deploy.release;

import com.mcpist.deploy.edgeclient.EdgeControl;
import com.mcpist.deploy.edgeclient.EdgeException;
import com.mcpist.deploy.edgeclient.EdgeStatus;
import com.mcpist.deploy.plan.Plan;
import com.mcpist.deploy.plan.Standing;
import com.mcpist.deploy.time.Deadline;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Who serves while an origin changes, as it is at a moment: since the plan was made an origin may
 * have died, or have been drained.
 *
 * @param edgeAdmin knows what is drained; empty where it cannot be asked
 */
record Cover(Site site, Optional<? extends EdgeControl> edgeAdmin) {
  private static final Duration LIMIT = Duration.ofSeconds(20);
  private static final Duration EDGE_LIMIT = Duration.ofSeconds(5);

  /**
   * Why nobody might serve while these origins change; empty where somebody does for each of them.
   */
  Optional<String> missing(List<String> stage, Order order) throws InterruptedException {
    Deadline deadline = Deadline.in(LIMIT, site.time());
    Set<String> drained = drained();
    List<Standing> now =
        Together.each(
            site.targets(),
            RuntimeException.class,
            target ->
                Looked.now(
                    target, order, drained.contains(target.name()), site.gateway(), deadline));
    return Plan.uncovered(stage, now);
  }

  /** What the edge sends nothing, as far as it can be asked. */
  Set<String> drained() throws InterruptedException {
    return status().stream()
        .flatMap(status -> status.origins().stream())
        .filter(origin -> origin.state().equals("drained"))
        .map(EdgeStatus.Seen::name)
        .collect(Collectors.toSet());
  }

  /** What the edge tells; empty where it cannot be asked. */
  Optional<EdgeStatus> status() throws InterruptedException {
    if (edgeAdmin.isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(edgeAdmin.get().status(Deadline.in(EDGE_LIMIT, site.time())));
    } catch (EdgeException _) {
      return Optional.empty();
    }
  }
}
