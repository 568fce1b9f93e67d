package com.mcpist.pair.process;

import com.mcpist.pair.data.PairException;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** A process that is started beside the one that runs, until it takes over or is ended. */
final class Candidate {
  private static final Duration LAST_WORDS = Duration.ofSeconds(1);

  private final Program program;
  private final LastWords texts;
  private final Takeover takeover;
  private volatile @Nullable Running running;

  Candidate(Program program, Takeover takeover, LastWords texts) {
    this.program = program;
    this.takeover = takeover;
    this.texts = texts;
  }

  /** Its process; null where it has none yet. */
  @Nullable Process process() {
    Running started = running;
    return started == null ? null : started.process();
  }

  /**
   * Starts it, and waits until it is ready to take over.
   *
   * @param stopLimit for what it has begun to serve, where it does not take over
   * @param stopping whether everything stops
   * @throws PairException where it does not get ready, or is called off; nothing of it runs then
   */
  Running start(Duration stopLimit, Duration readyLimit, BooleanSupplier stopping)
      throws PairException, InterruptedException {
    Running started;
    if (takeover.isCalledOff()) {
      throw new PairException(calledOff());
    }
    try {
      started = Running.launch(program, texts.logFile());
    } catch (IOException e) {
      throw new PairException(program.name() + " cannot be started: " + e.getMessage(), e);
    }
    running = started;
    long end = System.nanoTime() + readyLimit.toNanos();
    boolean ready = false;
    try {
      ready =
          started.awaitReady(
              () -> stopping.getAsBoolean() || takeover.isCalledOff() || System.nanoTime() > end);
    } finally {
      ready = ready && takeover.take();
      if (!ready && started.process().isAlive()) {
        end(stopLimit);
      }
    }
    if (!ready) {
      throw new PairException(failure(started, readyLimit, System.nanoTime() > end));
    }
    return started;
  }

  /** Ends its process, which finishes what it has begun to serve. */
  void end(Duration limit) throws InterruptedException {
    Process process = process();
    if (process != null) {
      new Ending(program).end(List.of(process), limit);
      process.waitFor();
    }
  }

  private String failure(Running started, Duration readyLimit, boolean late)
      throws InterruptedException {
    String why;
    if (takeover.isCalledOff()) {
      return calledOff();
    }
    if (late) {
      why = texts.notReady(readyLimit);
    } else {
      String words = started.output().lastLine(LAST_WORDS);
      why = texts.endedAtOnce(LastWords.exit(started.process().exitValue()), words);
    }
    return "the new " + why + " The one before goes on.";
  }

  private String calledOff() {
    return "the new " + program.name() + " was called off. The one before goes on.";
  }
}
