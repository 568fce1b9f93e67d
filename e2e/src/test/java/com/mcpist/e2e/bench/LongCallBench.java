package com.mcpist.e2e.bench;

import com.mcpist.e2e.faults.LongCalls;
import java.time.Duration;

/**
 * Calls that take long and tell their progress, the origin that runs them killed half way. Exit
 * code 1 when a client got anything but one stream, with progress that only grows, and one result.
 */
public final class LongCallBench {

  private LongCallBench() {}

  /** Takes the seconds that a call takes, and the second of the kill. */
  public static void main(String[] args) throws Exception {
    Duration length = Duration.ofSeconds(Long.parseLong(args[0]));
    Duration kill = Duration.ofSeconds(Long.parseLong(args[1]));
    System.exit(LongCalls.run(length, kill) ? 0 : 1);
  }
}
