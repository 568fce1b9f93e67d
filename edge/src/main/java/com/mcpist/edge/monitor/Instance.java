package com.mcpist.edge.monitor;

import com.mcpist.edge.pool.Origins.Fate;

/** One process that an origin is or was. The monitor writes it; safe for all threads to read. */
final class Instance {
  /** The first may have been under way when the connection broke. */
  private static final int TICKS_OF_LIFE = 2;

  /** Empty: not known yet. */
  private volatile String name = "";

  private volatile int ticks;
  private volatile boolean drains;
  private volatile boolean gone;

  /** It ticks; false: that is another one. */
  boolean ticked(String instance, boolean draining) {
    if (!name.isEmpty() && !name.equals(instance)) {
      return false;
    }
    name = instance;
    drains |= draining;
    heard(1);
    return true;
  }

  /** A probe succeeds, which of one that ticks says nothing: another one may have answered it. */
  void probed() {
    if (name.isEmpty()) {
      heard(TICKS_OF_LIFE);
    }
  }

  @SuppressWarnings("NonAtomicVolatileUpdate") // Only the monitor's loop writes it.
  private void heard(int more) {
    ticks += more;
  }

  /** Another one is in its place, or nobody. */
  void gone() {
    gone = true;
  }

  int ticks() {
    return ticks;
  }

  /** What became of it since it had ticked so often. One that drained has ended as it should. */
  Fate fate(int ticksBefore) {
    if (drains) {
      return Fate.LIVES;
    }
    if (gone) {
      return Fate.DIED;
    }
    return ticks - ticksBefore >= TICKS_OF_LIFE ? Fate.LIVES : Fate.UNKNOWN;
  }
}
