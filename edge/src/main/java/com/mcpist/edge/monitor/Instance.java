package com.mcpist.edge.monitor;

import com.mcpist.edge.pool.Origins.Fate;
import java.util.concurrent.atomic.AtomicInteger;

/** A process that an origin is or was. The monitor's loop writes it, and all threads read it. */
final class Instance {
  /**
   * The number of ticks that show that the process lives. The first tick may have been under way
   * when the connection broke.
   */
  private static final int TICKS_OF_LIFE = 2;

  /** The name of the process; empty while it is not known. */
  private volatile String name = "";

  private final AtomicInteger ticks = new AtomicInteger();
  private volatile boolean drains;
  private volatile boolean gone;

  /** Notes that a process has ticked. Returns false if it is another process than this one. */
  boolean ticked(String instance, boolean draining) {
    if (!name.isEmpty() && !name.equals(instance)) {
      return false;
    }
    name = instance;
    drains |= draining;
    ticks.incrementAndGet();
    return true;
  }

  /** Notes that another process is in this one's place, or none. */
  void gone() {
    gone = true;
  }

  int ticks() {
    return ticks.get();
  }

  /**
   * Returns what has become of the process since it had ticked {@code before} times. A process that
   * drained has ended as it should. A process that never ticks is not MCPist's own.
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
