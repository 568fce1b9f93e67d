package com.mcpist.deploy.edgeclient;

import com.mcpist.deploy.time.Deadline;

/**
 * A load balancer, and the Worker before it, which sends calls past it where an attempt has failed:
 * what is drained must be so at both. Where the second of them fails, the first has changed; the
 * same command again finishes it.
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
    try {
      return balancer.drain(origin, deadline);
    } catch (EdgeException e) {
      throw half(e, "the Worker sends " + origin + " no calls, and the load balancer still does");
    }
  }

  /** The load balancer first: it waits until the origin is healthy. */
  @Override
  public EdgeStatus undrain(String origin, Deadline deadline)
      throws EdgeException, InterruptedException {
    EdgeStatus status = balancer.undrain(origin, deadline);
    try {
      var _ = worker.undrain(origin, deadline);
    } catch (EdgeException e) {
      throw half(e, "the load balancer has " + origin + " in again, and the Worker does not");
    }
    return status;
  }

  private static EdgeException half(EdgeException e, String state) {
    String problem = String.valueOf(e.getMessage()).replaceAll("\\.$", "");
    return new EdgeException(problem + ". Now " + state + ": run it again", e.refused());
  }
}
