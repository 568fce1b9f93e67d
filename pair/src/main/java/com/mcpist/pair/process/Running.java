package com.mcpist.pair.process;

import module java.base;

import com.mcpist.pair.process.Keeper.Program;
import com.mcpist.pair.process.Keeper.Sign;

/** A process of a program, and the log to which it appends, which was so long when it began. */
record Running(Program program, Process process, LogFile log, long from) {
  private static final int LONGEST_SHOWN = 300;

  /** Those of SIGHUP, SIGINT, SIGKILL and SIGTERM. */
  private static final Set<Integer> KILLED = Set.of(129, 130, 137, 143);

  /** Starts it. While two of a program run both append to one log. */
  static Running start(Program program, LogFile log) throws IOException {
    long from = log.size();
    return new Running(program, program.launch(log.file()), log, from);
  }

  Sign ask() throws InterruptedException {
    return process.isAlive() ? program.ask(process) : Sign.REFUSES;
  }

  boolean isReady() throws InterruptedException {
    return ask() == Sign.READY;
  }

  String endedAtOnce() {
    String line = log.lastLine(from);
    String shown = line.length() <= LONGEST_SHOWN ? line : line.substring(0, LONGEST_SHOWN) + "…";
    return "%s ended at once (%s): %s See %s"
        .formatted(
            program.name(), exit(), shown.isEmpty() ? "it wrote nothing." : shown, log.file());
  }

  /** Whether somebody has ended it, as far as is known. */
  boolean isKilled() {
    int code = process.exitValue();
    return KILLED.contains(code) || code == AdoptedProcess.UNKNOWN;
  }

  /** How it has ended, by a shell's convention: 128 and more is the signal that ended it. */
  String exit() {
    int code = process.exitValue();
    if (code == AdoptedProcess.UNKNOWN) {
      return "how is not known";
    }
    return code > 128 && code < 160 ? "killed, signal " + (code - 128) : "exit code " + code;
  }
}
