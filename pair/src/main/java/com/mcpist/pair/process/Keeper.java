package com.mcpist.pair.process;

import com.mcpist.pair.data.PairException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** Keeps one program running until it is told to stop. */
public final class Keeper {
  private static final Duration PROBE_EVERY = Duration.ofMillis(50);
  private static final Duration LAST_WORDS = Duration.ofSeconds(1);

  private final Program program;
  private final Path logFile;
  private final ProcessEvents events;
  private final CompletableFuture<String> firstReady = new CompletableFuture<>();
  private final CountDownLatch stopRequested = new CountDownLatch(1);
  private final Thread thread;
  private volatile @Nullable Process process;

  /**
   * Keeps a program that is not started yet.
   *
   * @param logs the folder of its log file
   */
  public Keeper(Program program, Path logs, ProcessEvents events) {
    this.program = program;
    this.logFile = logs.resolve(program.name() + ".log");
    this.events = events;
    this.thread = Thread.ofVirtual().name("keeper-" + program.name()).unstarted(this::keep);
  }

  public String name() {
    return program.name();
  }

  /** Starts the program; {@link #awaitReady} tells when it is ready. */
  public void start() {
    thread.start();
  }

  /**
   * Waits until the program was ready for the first time.
   *
   * @throws PairException where it died before, or took longer than the limit
   */
  public void awaitReady(Duration limit) throws PairException, InterruptedException {
    try {
      String failure = firstReady.get(limit.toMillis(), TimeUnit.MILLISECONDS);
      if (!failure.isEmpty()) {
        throw new PairException(failure);
      }
    } catch (TimeoutException e) {
      throw new PairException(
          name() + " is not ready after " + limit.toSeconds() + " s. See " + logFile, e);
    } catch (ExecutionException e) {
      throw new PairException(name() + " did not start. See " + logFile, e);
    }
  }

  /** The process that runs now. */
  public OptionalLong pid() {
    Process running = process;
    return running == null || !running.isAlive()
        ? OptionalLong.empty()
        : OptionalLong.of(running.pid());
  }

  /** Stops the program; when this returns its process is gone. */
  public void stop() throws InterruptedException {
    stopRequested.countDown();
    if (thread.getState() == Thread.State.NEW) {
      return;
    }
    end();
    thread.join();
  }

  private void end() throws InterruptedException {
    Process running = process;
    if (running == null || !running.isAlive()) {
      return;
    }
    try {
      program.requestStop(running);
      if (running.waitFor(program.stopLimit().toMillis(), TimeUnit.MILLISECONDS)) {
        return;
      }
    } catch (IOException _) {
      // It is killed instead.
    }
    running.destroyForcibly();
  }

  private void keep() {
    try {
      Backoff backoff = Backoff.FRESH;
      do {
        Duration ready = run();
        backoff = backoff.after(ready);
        if (!isStopping()) {
          events.died(name(), lastExit, backoff.delay());
        }
      } while (!stopRequested.await(backoff.delay().toMillis(), TimeUnit.MILLISECONDS));
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  /** How the last run ended; the keeper's own thread only. */
  private String lastExit = "";

  /** Runs it once, and tells for how long it was ready. */
  private Duration run() throws InterruptedException {
    Process started;
    try {
      started = program.launch();
    } catch (IOException e) {
      lastExit = "cannot be started: " + e.getMessage();
      firstReady.complete(name() + " " + lastExit);
      return Duration.ZERO;
    }
    process = started;
    if (isStopping()) {
      end(); // stop() may have looked before there was a process.
    }
    Output output = new Output(started.getInputStream(), logFile);
    boolean ready = awaitReadyOrExit(started);
    long readyAt = System.nanoTime();
    if (ready && !firstReady.complete("")) {
      events.restarted(name(), started.pid());
    }
    int code = started.waitFor();
    lastExit = describe(code);
    if (!ready) {
      String words = output.lastLine(LAST_WORDS);
      firstReady.complete(
          name() + " ended at once (" + lastExit + "): " + shortened(words) + " See " + logFile);
    }
    return ready ? Duration.ofNanos(System.nanoTime() - readyAt) : Duration.ZERO;
  }

  private boolean awaitReadyOrExit(Process started) throws InterruptedException {
    while (started.isAlive() && !isStopping()) {
      if (program.isReady()) {
        return true;
      }
      started.waitFor(PROBE_EVERY.toMillis(), TimeUnit.MILLISECONDS);
    }
    return false;
  }

  private boolean isStopping() {
    return stopRequested.getCount() == 0;
  }

  /** A shell's convention: 128 and more is the signal that ended it. */
  private static String describe(int code) {
    return code > 128 && code < 160 ? "killed, signal " + (code - 128) : "exit code " + code;
  }

  private static String shortened(String line) {
    if (line.isEmpty()) {
      return "it wrote nothing.";
    }
    return line.length() <= 300 ? line : line.substring(0, 300) + "…";
  }
}
