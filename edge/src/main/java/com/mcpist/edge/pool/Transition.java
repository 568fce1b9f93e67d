package com.mcpist.edge.pool;

import java.util.List;

/** The state after an observation, and what that changed. */
public record Transition(PoolState state, List<Change> changes) {
  public Transition {
    changes = List.copyOf(changes);
  }
}
