package com.mcpist.drill;

import com.mcpist.pair.data.PairException;
import java.io.IOException;

/** A signal to a process. Java itself can send only two. */
enum Signal {
  KILL,
  INT,
  STOP,
  CONT;

  /** Sends it; a process that is gone is passed over. */
  void send(long pid) throws PairException, InterruptedException {
    try {
      // The shell's own: not every machine has a program for it.
      new ProcessBuilder("sh", "-c", "kill -s \"$0\" \"$1\"", name(), Long.toString(pid))
          .redirectErrorStream(true)
          .redirectOutput(ProcessBuilder.Redirect.DISCARD)
          .start()
          .waitFor();
    } catch (IOException e) {
      throw new PairException("no signal can be sent: " + e.getMessage(), e);
    }
  }
}
