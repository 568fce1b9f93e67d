package com.mcpist.pair.process;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Ends processes of a program. */
record Ending(Program program) {
  /** Asks all of them to stop, and kills those that take longer than the limit. */
  void end(List<Process> processes, Duration limit) throws InterruptedException {
    for (Process each : processes) {
      requestStop(each);
    }
    long deadline = System.nanoTime() + limit.toNanos();
    for (Process each : processes) {
      if (!each.waitFor(deadline - System.nanoTime(), TimeUnit.NANOSECONDS)) {
        each.destroyForcibly();
      }
    }
  }

  void requestStop(Process running) throws InterruptedException {
    try {
      if (running.isAlive()) {
        program.requestStop(running);
      }
    } catch (IOException _) {
      running.destroyForcibly();
    }
  }

  /** Tells it that another one does its work. */
  void retire(Process running) throws InterruptedException {
    try {
      program.retire(running);
    } catch (IOException _) {
      requestStop(running);
    }
  }
}
