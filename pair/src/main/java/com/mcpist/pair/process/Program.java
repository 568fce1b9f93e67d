package com.mcpist.pair.process;

import java.io.IOException;
import java.time.Duration;

/** Something that runs as a process of its own. */
public interface Program {
  /** The name people know it by, and its log file's. */
  String name();

  /** Starts the process, its standard output and error in one pipe. */
  Process launch() throws IOException;

  /** Whether it is ready; answers within some seconds. */
  boolean isReady(Process process) throws InterruptedException;

  /** Asks the process to stop, finishing what it does. */
  void requestStop(Process process) throws IOException, InterruptedException;

  /** Tells the process that another one does its work: it is to end once its own is finished. */
  default void retire(Process process) throws IOException, InterruptedException {
    requestStop(process);
  }

  /** How long it may take to stop before it is killed. */
  Duration stopLimit();
}
