package com.mcpist.drill;

import module java.base;

import com.mcpist.pair.data.PairException;

/** A signal to a process. Java itself can send only two. */
enum Signal {
  KILL,
  INT,
  STOP,
  CONT;

  /** A fault that is ready to be injected. */
  interface Breakage {
    void happen() throws PairException, InterruptedException;
  }

  /** It waits for a line, which is quicker than starting it then; an end without one is a no. */
  private static final String SCRIPT = "read -r _ && kill -s \"$0\" \"$1\"";

  /** Sends it; a process that is gone is passed over. */
  void send(long pid) throws PairException, InterruptedException {
    release(shell(pid));
  }

  /** Makes ready to send it at once; that fails where the process is gone, as it proves nothing. */
  Breakage prepare(long pid) throws PairException {
    Process shell = shell(pid);
    return () -> {
      if (release(shell) != 0) {
        throw new PairException("signal " + name() + " did not reach process " + pid);
      }
    };
  }

  private Process shell(long pid) throws PairException {
    try {
      // The shell's own kill: not every machine has a program of that name.
      return new ProcessBuilder("sh", "-c", SCRIPT, name(), Long.toString(pid))
          .redirectErrorStream(true)
          .redirectOutput(ProcessBuilder.Redirect.DISCARD)
          .start();
    } catch (IOException e) {
      throw unsent(e);
    }
  }

  /** The shell's exit code: 0 where the signal was sent. */
  private static int release(Process shell) throws PairException, InterruptedException {
    try (OutputStream in = shell.getOutputStream()) {
      in.write('\n');
    } catch (IOException e) {
      throw unsent(e);
    }
    return shell.waitFor();
  }

  private static PairException unsent(IOException e) {
    return new PairException("no signal can be sent: " + e.getMessage(), e);
  }
}
