package com.mcpist.drill;

import java.util.List;

/**
 * What a game day does.
 *
 * @param calls how many calls are made at full speed for each fault, at least
 * @param clients how many clients make them, at the same time
 */
public record Plan(List<Fault> faults, int calls, int clients) {
  public Plan {
    faults = List.copyOf(faults);
    if (calls < 1 || clients < 1) {
      throw new IllegalArgumentException("no calls or no clients");
    }
  }
}
