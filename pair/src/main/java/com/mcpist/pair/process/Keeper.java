package com.mcpist.pair.process;

import com.mcpist.pair.data.PairException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
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
  private final LastWords texts;
  private final ProcessEvents events;
  private final CompletableFuture<String> firstReady = new CompletableFuture<>();
  private final CountDownLatch stopRequested = new CountDownLatch(1);
  private final Thread thread;
  private final Set<Process> retired = ConcurrentHashMap.newKeySet();
  private final RestartRequests requests = new RestartRequests();
  private final Ending ending;
  private volatile @Nullable Process process;

  /** The keeper's own thread only: how the last run ended. */
  private String lastExit = "";

  /** The keeper's own thread only: the restart of which the next run is the second half. */
  private @Nullable Restart restarting;

  /**
   * Keeps a program that is not started yet.
   *
   * @param logs the folder of its log file
   */
  public Keeper(Program program, Path logs, ProcessEvents events) {
    this.program = program;
    this.ending = new Ending(program);
    this.texts = new LastWords(program.name(), logs.resolve(program.name() + ".log"));
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
    await(firstReady, limit);
  }

  private void await(CompletableFuture<String> ready, Duration limit)
      throws PairException, InterruptedException {
    try {
      String failure = ready.get(limit.toMillis(), TimeUnit.MILLISECONDS);
      if (!failure.isEmpty()) {
        throw new PairException(failure);
      }
    } catch (TimeoutException e) {
      throw new PairException(texts.notReady(limit), e);
    } catch (ExecutionException e) {
      throw new PairException(texts.notStarted(), e);
    }
  }

  /** The process that runs now. */
  public OptionalLong pid() {
    Process running = process;
    return running == null || !running.isAlive()
        ? OptionalLong.empty()
        : OptionalLong.of(running.pid());
  }

  /**
   * Puts a new process in the place of the one that runs. Where two of the program can work side by
   * side, the old one retires once the new one is ready, and finishes what it has while this
   * returns already.
   *
   * @param stopLimit how long the old one may take where the new one must wait for it
   * @throws PairException where the new one does not get ready; if they overlap, the old one goes
   *     on
   */
  public void restart(Duration stopLimit, Duration readyLimit)
      throws PairException, InterruptedException {
    Restart restart = Restart.asked(stopLimit, readyLimit);
    if (!requests.ask(restart)) {
      throw new PairException(name() + " is being restarted already");
    }
    try {
      await(restart.failure(), stopLimit.plus(readyLimit));
    } finally {
      requests.withdraw(restart);
    }
  }

  /** Stops the program; when this returns no process of it is left. */
  public void stop() throws InterruptedException {
    stopRequested.countDown();
    if (thread.getState() == Thread.State.NEW) {
      return;
    }
    List<Process> all = new ArrayList<>(retired);
    Process running = process;
    if (running != null) {
      all.add(running);
    }
    ending.end(all, program.stopLimit());
    thread.join();
  }

  private void keep() {
    try {
      Backoff backoff = Backoff.FRESH;
      Duration delay;
      do {
        Duration ready = run();
        delay = Duration.ZERO;
        if (restarting == null) {
          backoff = backoff.after(ready);
          delay = backoff.delay();
          if (!isStopping()) {
            events.died(name(), lastExit, delay);
          }
        }
      } while (goesOnAfter(delay));
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  /** Waits; a restart that is asked for ends the wait. */
  private boolean goesOnAfter(Duration delay) throws InterruptedException {
    long begun = System.nanoTime();
    while (!isStopping() && System.nanoTime() - begun < delay.toNanos()) {
      restarting = requests.take();
      if (restarting != null) {
        break;
      }
      var _ = stopRequested.await(PROBE_EVERY.toMillis(), TimeUnit.MILLISECONDS);
    }
    return !isStopping();
  }

  /** Runs it once, and tells for how long it was ready. */
  private Duration run() throws InterruptedException {
    Process started;
    try {
      started = program.launch();
    } catch (IOException e) {
      lastExit = "cannot be started: " + e.getMessage();
      tell(name() + " " + lastExit);
      return Duration.ZERO;
    }
    process = started;
    if (isStopping()) {
      ending.end(List.of(started), program.stopLimit()); // stop() may have looked too early.
    }
    Output output = new Output(started.getInputStream(), texts.logFile());
    while (!awaitReadyOrExit(started, PROBE_EVERY)) {
      if (!started.isAlive() || isStopping()) {
        lastExit = LastWords.exit(started.waitFor());
        tell(texts.endedAtOnce(lastExit, output.lastLine(LAST_WORDS)));
        return Duration.ZERO;
      }
      Restart restart = requests.take();
      if (restart != null) {
        giveWay(started, restart);
        return Duration.ZERO;
      }
    }
    long readyAt = System.nanoTime();
    if (!tell("")) {
      events.restarted(name(), started.pid());
    }
    lastExit = LastWords.exit(awaitEnd(started).waitFor());
    return Duration.ofNanos(System.nanoTime() - readyAt);
  }

  /** What does not get ready, and may never, is restarted all the same. */
  private void giveWay(Process started, Restart restart) throws InterruptedException {
    ending.end(List.of(started), restart.stopLimit());
    started.waitFor();
    if (restarting != null) {
      restarting.failure().complete(name() + " is being restarted again");
    }
    restarting = restart;
  }

  /** Tells whoever waits for the start that it is done; false where nobody does. */
  private boolean tell(String failure) {
    Restart restart = restarting;
    restarting = null;
    boolean first = firstReady.complete(failure);
    return restart == null ? first : restart.failure().complete(failure);
  }

  /** Waits for the end of the process, or of the one that has replaced it. */
  private Process awaitEnd(Process started) throws InterruptedException {
    Process current = started;
    while (true) {
      Restart restart = requests.takeUnlessEnded(current);
      if (restart == null) {
        return current;
      }
      if (!program.overlaps()) {
        ending.end(List.of(current), restart.stopLimit());
        restarting = restart;
        return current;
      }
      current = replace(current, restart);
    }
  }

  /** Starts a second process; once it is ready the first one retires. */
  private Process replace(Process current, Restart restart) throws InterruptedException {
    Process next;
    try {
      next = program.launch();
    } catch (IOException e) {
      restart.failure().complete(name() + " cannot be started: " + e.getMessage());
      return current;
    }
    // For a while two write to one log file, each whole lines at its end.
    Output output = new Output(next.getInputStream(), texts.logFile());
    if (!awaitReadyOrExit(next, restart.readyLimit())) {
      restart.failure().complete(endNew(next, restart, output));
      return current;
    }
    for (Process older : retired) {
      ending.requestStop(older); // Its idle clients have had their time.
    }
    retired.add(current);
    var _ = current.onExit().thenRun(() -> retired.remove(current));
    process = next;
    if (isStopping()) {
      ending.requestStop(next); // stop() may have looked before it was there.
    }
    ending.retire(current);
    restart.failure().complete("");
    return next;
  }

  /** One that is not ready may serve clients already: it is to finish what it has. */
  private String endNew(Process next, Restart restart, Output output) throws InterruptedException {
    String why;
    if (next.isAlive()) {
      ending.end(List.of(next), restart.stopLimit());
      next.waitFor();
      why = texts.notReady(restart.readyLimit());
    } else {
      String words = output.lastLine(LAST_WORDS);
      why = texts.endedAtOnce(LastWords.exit(next.exitValue()), words);
    }
    return "the new " + why + " The one before goes on.";
  }

  private boolean awaitReadyOrExit(Process started, Duration limit) throws InterruptedException {
    long begun = System.nanoTime();
    while (started.isAlive() && !isStopping() && System.nanoTime() - begun < limit.toNanos()) {
      if (program.isReady(started)) {
        return true;
      }
      started.waitFor(PROBE_EVERY.toMillis(), TimeUnit.MILLISECONDS);
    }
    return false;
  }

  private boolean isStopping() {
    return stopRequested.getCount() == 0;
  }
}
