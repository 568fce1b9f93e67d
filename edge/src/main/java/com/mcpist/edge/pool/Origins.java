package com.mcpist.edge.pool;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The pool as a call sees it. Every method is called on an event loop and does not block; what it
 * answers is one immutable snapshot's.
 */
public interface Origins {
  /** The first enabled and healthy origin that is not among {@code tried}. */
  Optional<Origin> choose(Set<String> tried);

  /**
   * All enabled origins in order, for a call that finds none healthy: a health state may be wrong,
   * and an attempt is the quickest way to know.
   */
  List<Origin> inOrder();

  /**
   * Waits until an origin becomes healthy, or has answered a probe and may soon be.
   *
   * @param limit the longest wait
   * @param then runs once, later, on the caller's context
   */
  void awaitHealthy(Duration limit, Runnable then);

  /** An attempt failed: where that is a sign of its health, the origin is suspect at once. */
  void failed(Origin origin, Failure failure, String detail);

  /** An attempt got a whole answer. */
  void succeeded(Origin origin);

  /**
   * Registers a call in flight at an origin, as the process that it is now.
   *
   * @param onLost runs at most once, later, on the caller's context, when that is given up as
   *     silent
   */
  InFlight inFlight(Origin origin, Runnable onLost);

  /** A call in flight at the process that an origin was when the attempt began. */
  interface InFlight {
    /** The attempt is over; may be called more than once. */
    void over();

    /**
     * Whether another process has taken that one's place since. What becomes of the call then says
     * nothing of the one that is there now.
     */
    boolean replaced();
  }
}
