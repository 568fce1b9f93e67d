package com.mcpist.deploy.edge;

import com.mcpist.deploy.time.Deadline;

/**
 * A load balancer, and the Worker before it, which sends calls past it where an attempt has failed:
 * what is drained must be so at both.
 */
public record BothEdges(EdgeControl balancer, EdgeControl worker) implements EdgeControl {
  @Override
  public EdgeStatus status(Deadline deadline) throws EdgeException, InterruptedException {
    return balancer.status(deadline);
  }

  /** The Worker first: it knows at once, and refuses where no healthy origin would be left. */
  @Override
  public EdgeStatus drain(String origin, Deadline deadline)
      throws EdgeException, InterruptedException {
    var _ = worker.drain(origin, deadline);
    return balancer.drain(origin, deadline);
  }

  @Override
  public EdgeStatus undrain(String origin, Deadline deadline)
      throws EdgeException, InterruptedException {
    EdgeStatus status = balancer.undrain(origin, deadline);
    var _ = worker.undrain(origin, deadline);
    return status;
  }
}
