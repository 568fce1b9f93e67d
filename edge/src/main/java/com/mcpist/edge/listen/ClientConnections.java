package com.mcpist.edge.listen;

import com.mcpist.edge.gate.AddressConnections;
import java.util.Comparator;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** All that clients have open with one edge; safe for all threads. */
final class ClientConnections {
  private final ClientLimits limits;
  private final AddressConnections addresses;
  private final Set<ClientConnection> open = ConcurrentHashMap.newKeySet();
  private volatile boolean draining;

  ClientConnections(ClientLimits limits, AddressConnections addresses) {
    this.limits = limits;
    this.addresses = addresses;
  }

  ClientLimits limits() {
    return limits;
  }

  /** From now on clients are told to connect anew. */
  void drain() {
    draining = true;
  }

  boolean draining() {
    return draining;
  }

  /** One more; false: there is no room for it, and it is to be closed. */
  boolean opened(ClientConnection connection) {
    open.add(connection);
    return !addresses.opened(connection.peer()) && makeRoomFor(connection);
  }

  /** One less, also where there was no room. */
  void closed(ClientConnection connection) {
    open.remove(connection);
    addresses.closed(connection.peer());
  }

  /**
   * Where there are too many with this one, closes the one that has had no request for longest:
   * whoever only holds connections keeps nobody out.
   *
   * @return false: all have a request, and there is no room
   */
  private boolean makeRoomFor(ClientConnection newcomer) {
    if (open.size() <= limits.maxConnections()) {
      return true;
    }
    Runnable another =
        () -> {
          if (!makeRoomFor(newcomer)) {
            newcomer.giveWay(() -> {}); // Unless it has a request by now, which is not cut off.
          }
        };
    for (Optional<ClientConnection> idle = longestIdleBut(newcomer);
        idle.isPresent();
        idle = longestIdleBut(newcomer)) {
      if (idle.get().giveWay(another)) {
        return true;
      }
    }
    return false;
  }

  private Optional<ClientConnection> longestIdleBut(ClientConnection newcomer) {
    long now = System.nanoTime();
    return open.stream()
        .filter(each -> each != newcomer && each.idles())
        .max(Comparator.comparingLong(each -> each.idleNanos(now)));
  }
}
