package com.mcpist.pair.process;

import java.util.concurrent.atomic.AtomicReference;

/** Whether a process that is started beside another one takes over from it, or is called off. */
public final class Takeover {
  private enum Fate {
    STARTING,
    TAKES_OVER,
    CALLED_OFF
  }

  private final AtomicReference<Fate> fate = new AtomicReference<>(Fate.STARTING);

  /** Ends the new process, or keeps it from being started; false where it takes over already. */
  public boolean callOff() {
    return fate.compareAndSet(Fate.STARTING, Fate.CALLED_OFF) || isCalledOff();
  }

  boolean isCalledOff() {
    return fate.get() == Fate.CALLED_OFF;
  }

  /** Takes over from now on; false where it is called off. */
  public boolean take() {
    return fate.compareAndSet(Fate.STARTING, Fate.TAKES_OVER);
  }
}
