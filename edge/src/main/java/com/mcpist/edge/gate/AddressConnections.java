package com.mcpist.edge.gate;

import java.util.List;
import java.util.concurrent.ConcurrentHashMap;

/**
 * How many connections each address has open, so that no one has them all; safe for all threads.
 */
public final class AddressConnections {
  /** Of the thousands that an edge takes: more than a household or an office has use for. */
  public static final int MOST = 256;

  private final boolean counts;
  private final List<AddressBlock> trusted;
  private final ConcurrentHashMap<String, Integer> open = new ConcurrentHashMap<>();

  /** Counts where addresses are limited at all; a trusted proxy's connections are everybody's. */
  public AddressConnections(LimitSettings settings) {
    this.counts = settings.addressPerMinute() > 0;
    this.trusted = settings.trustedProxies();
  }

  /**
   * One more.
   *
   * @param peer the other end
   * @return whether that is one too many; it counts until it has {@link #closed} all the same
   */
  public boolean opened(String peer) {
    return counts
        && !ClientAddress.isOf(peer, trusted)
        && open.merge(ClientAddress.of(peer, List.of(), List.of()), 1, Integer::sum) > MOST;
  }

  /** One less. */
  public void closed(String peer) {
    if (counts && !ClientAddress.isOf(peer, trusted)) {
      open.computeIfPresent(
          ClientAddress.of(peer, List.of(), List.of()),
          (name, many) -> many == 1 ? null : many - 1);
    }
  }
}
