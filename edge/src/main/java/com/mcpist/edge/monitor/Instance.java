package com.mcpist.edge.monitor;

import com.mcpist.edge.pool.Origins.Fate;
import java.util.concurrent.atomic.AtomicInteger;

/** One process that an origin is or was. The monitor's loop writes it, all threads read it. */
final class Instance {
  /** The first tick may have been under way when the connection broke. */
  private static final int TICKS_OF_LIFE = 2;

  /** Empty: not known yet. */
  private volatile String name = "";

  private final AtomicInteger ticks = new AtomicInteger();
  private volatile boolean drains;
  private volatile boolean gone;

  /** It ticks; false: that is another one. */
  boolean ticked(String instance, boolean draining) {
    if (!name.isEmpty() && !name.equals(instance)) {
      return false;
    }
    name = instance;
    drains |= draining;
    ticks.incrementAndGet();
    return true;
  }

  /** Another one is in its place, or nobody. */
  void gone() {
    gone = true;
  }

  int ticks() {
    return ticks.get();
  }

  /**
   * What became of it since it had ticked so often. One that drained ended as it should; one that
   * never ticks is not MCPist's own.
   */
  Fate fate(int before) {
    if (drains || ticks.get() - before >= TICKS_OF_LIFE) {
      return Fate.LIVES;
    }
    if (gone) {
      return Fate.DIED;
    }
    return name.isEmpty() ? Fate.LIVES : Fate.UNKNOWN;
  }
}
