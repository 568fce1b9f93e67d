package com.mcpist.drill;

import com.mcpist.pair.data.PairException;
import java.io.IOException;
import java.io.OutputStream;

/** A signal to a process. Java itself can send only two. */
enum Signal {
  KILL,
  INT,
  STOP,
  CONT;

  /** It waits for a line, which is quicker than starting it then; an end without one is a no. */
  private static final String SCRIPT = "read -r _ && kill -s \"$0\" \"$1\"";

  /** Sends it; a process that is gone is passed over. */
  void send(long pid) throws PairException, InterruptedException {
    prepare(pid).happen();
  }

  /**
   * Makes ready to send it at once.
   *
   * @throws PairException where no process can be started
   */
  Breakage prepare(long pid) throws PairException {
    try {
      // The shell's own kill: not every machine has a program of that name.
      Process shell =
          new ProcessBuilder("sh", "-c", SCRIPT, name(), Long.toString(pid))
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      return () -> release(shell);
    } catch (IOException e) {
      throw unsent(e);
    }
  }

  private static void release(Process shell) throws PairException, InterruptedException {
    try (OutputStream in = shell.getOutputStream()) {
      in.write('\n');
    } catch (IOException e) {
      throw unsent(e);
    }
    shell.waitFor();
  }

  private static PairException unsent(IOException e) {
    return new PairException("no signal can be sent: " + e.getMessage(), e);
  }
}
