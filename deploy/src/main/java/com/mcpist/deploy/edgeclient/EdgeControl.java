package com.mcpist.deploy.edgeclient;

import com.mcpist.deploy.edgeclient.EdgeControl.EdgeException;
import com.mcpist.deploy.time.Deadline;

public interface EdgeControl {
  EdgeStatus status(Deadline deadline) throws EdgeException, InterruptedException;

  /**
   * @throws EdgeException refused, where no healthy origin would be left
   */
  EdgeStatus drain(String origin, Deadline deadline) throws EdgeException, InterruptedException;

  /** Sends an origin calls again, once it is healthy: until the deadline that is waited for. */
  EdgeStatus undrain(String origin, Deadline deadline) throws EdgeException, InterruptedException;

  /** The edge does not do it. The message is one line for a person, without a secret. */
  public static final class EdgeException extends Exception {
    private final boolean refused;

    public EdgeException(String message, boolean refused) {
      super(message);
      this.refused = refused;
    }

    /** Whether it answers, and will not: no healthy origin would be left. */
    public boolean refused() {
      return refused;
    }
  }

  /**
   * A load balancer, and the Worker before it, which sends calls past it where an attempt has
   * failed: what is drained must be so at both. Where the second of them fails, the first has
   * changed; the same command again finishes it.
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
}
