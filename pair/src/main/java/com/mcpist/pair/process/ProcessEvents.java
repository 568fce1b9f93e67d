package com.mcpist.pair.process;

import java.time.Duration;

/** Told what happens to a program that is kept running. */
public interface ProcessEvents {
  /** It is ready again after it died. */
  void restarted(String name, long pid);

  /**
   * It died and will be started again.
   *
   * @param how "exit code 3" or "killed (signal 9)"
   * @param delay until it is started again
   */
  void died(String name, String how, Duration delay);
}
