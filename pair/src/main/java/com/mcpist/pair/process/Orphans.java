package com.mcpist.pair.process;

import module java.base;

/**
 * What a killed supervisor leaves, known by its command: JVMs of programs in the pair's own folder.
 * One that hangs would hold its port and its locks, so the next supervisor makes sure.
 */
public final class Orphans {
  private Orphans() {}

  /** Ends those that run programs of a folder, if need be, and tells whether there were any. */
  public static boolean end(Path programs, Duration patience) throws InterruptedException {
    List<ProcessHandle> orphans =
        ProcessHandle.allProcesses().filter(process -> runs(process, programs)).toList();
    long deadline = System.nanoTime() + patience.toNanos();
    for (ProcessHandle orphan : orphans) {
      if (!ended(orphan, Duration.ofNanos(deadline - System.nanoTime()))) {
        orphan.destroyForcibly();
        ended(orphan, patience);
      }
    }
    return !orphans.isEmpty();
  }

  private static boolean runs(ProcessHandle process, Path programs) {
    List<String> arguments = List.of(process.info().arguments().orElse(new String[0]));
    int classPath = arguments.indexOf("-cp") + 1;
    return classPath > 0
        && classPath < arguments.size()
        && arguments.get(classPath).startsWith(programs + "/");
  }

  public static boolean ended(ProcessHandle process, Duration limit) throws InterruptedException {
    try {
      process.onExit().get(Math.max(0, limit.toNanos()), TimeUnit.NANOSECONDS);
      return true;
    } catch (TimeoutException | ExecutionException _) {
      return !process.isAlive();
    }
  }
}
