package com.mcpist.edge.proxy;

import io.vertx.core.Future;
import java.time.Duration;
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
  Iterable<Origin> inOrder();

  /**
   * Completes when an origin becomes healthy, or has answered a probe and may soon be, or after
   * {@code limit} at the latest.
   */
  Future<Void> awaitHealthy(Duration limit);

  /** An attempt failed: the origin is suspect at once. */
  void failed(Origin origin, Failure failure, String detail);

  /** An attempt got a whole answer. */
  void succeeded(Origin origin);

  /**
   * Registers a call in flight at an origin, as the process that it is now.
   *
   * @param onLost runs at most once, on the caller's context, when that is given up as silent
   */
  Flight inFlight(Origin origin, Runnable onLost);
}
