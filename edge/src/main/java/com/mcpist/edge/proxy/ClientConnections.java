package com.mcpist.edge.proxy;

import java.util.Comparator;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** All that clients have open with one proxy; safe for all threads. */
final class ClientConnections {
  private final int most;
  private final Set<ClientConnection> open = ConcurrentHashMap.newKeySet();

  ClientConnections(int most) {
    this.most = most;
  }

  void add(ClientConnection connection) {
    open.add(connection);
  }

  void remove(ClientConnection connection) {
    open.remove(connection);
  }

  /**
   * Where there are too many with this one, closes the one that has had no request for longest:
   * whoever only holds connections keeps nobody out.
   *
   * @return false: all have a request, and there is no room
   */
  boolean makeRoomFor(ClientConnection newcomer) {
    if (open.size() <= most) {
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
