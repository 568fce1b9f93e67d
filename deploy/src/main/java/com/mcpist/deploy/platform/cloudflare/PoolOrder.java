package com.mcpist.deploy.platform.cloudflare;

import java.util.ArrayList;
import java.util.List;

/**
 * In which order a load balancer tries the origins, and what that says of who is drained.
 *
 * @param preferred the origins as mcpist.yml prefers them
 * @param now the origins as the load balancer tries them
 */
record PoolOrder(List<String> preferred, List<String> now) {
  /** As given. */
  PoolOrder {
    preferred = List.copyOf(preferred);
    now = List.copyOf(now);
  }

  /** Whether one that mcpist.yml prefers less is tried before it. */
  boolean isBehind(String origin) {
    int rank = preferred.indexOf(origin);
    int place = now.indexOf(origin);
    return place < 0
        || now.subList(0, place).stream().anyMatch(other -> preferred.indexOf(other) > rank);
  }

  /**
   * Whether it is tried after all the others already, so that no order keeps calls from it more.
   */
  boolean isLast(String origin) {
    return !now.isEmpty() && now.getLast().equals(origin);
  }

  /** With that origin tried last: it stays monitored. */
  List<String> without(String origin) {
    List<String> order = new ArrayList<>(now);
    order.remove(origin);
    order.add(origin);
    return order;
  }

  /** With that origin before the first one that mcpist.yml prefers less. */
  List<String> with(String origin) {
    List<String> order = new ArrayList<>(now);
    order.remove(origin);
    int rank = preferred.indexOf(origin);
    int place = 0;
    while (place < order.size() && preferred.indexOf(order.get(place)) < rank) {
      place++;
    }
    order.add(place, origin);
    return order;
  }
}
