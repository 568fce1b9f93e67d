package com.mcpist.pair.process;

import com.mcpist.pair.data.PairException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Keeps a program running until it is told to stop, or another build of it in its place. */
public final class Keeper {
  private static final Duration PROBE_EVERY = Duration.ofMillis(50);
  private static final Duration LAST_WORDS = Duration.ofSeconds(1);

  private final String name;
  private final LastWords texts;
  private final ProcessEvents events;
  private final CompletableFuture<String> firstReady = new CompletableFuture<>();
  private final CompletableFuture<String> ended = new CompletableFuture<>();
  private final CountDownLatch stopRequested = new CountDownLatch(1);
  private final Thread thread;
  private final Set<Process> retired = ConcurrentHashMap.newKeySet();
  private final RestartRequests requests = new RestartRequests();

  private final Outcome outcome;
  private final Successor successor;
  private volatile @Nullable Process process;

  /** Written by the keeper's own thread only. */
  private volatile Program program;

  private volatile Backoff backoff = Backoff.FRESH;

  private volatile String lastExit = "";

  /** The keeper's own thread only: the restart of which the next run is the second half. */
  private @Nullable Restart restarting;

  /**
   * Keeps a program that is not started yet.
   *
   * @param logs the folder of its log file
   */
  public Keeper(Program program, Path logs, ProcessEvents events) {
    this.program = program;
    this.name = program.name();
    this.texts = new LastWords(name, logs.resolve(name + ".log"));
    this.outcome = new Outcome(texts, ended);
    this.successor = new Successor(texts, requests, outcome, this::isStopping);
    this.events = events;
    this.thread = Thread.ofVirtual().name("keeper-" + name).unstarted(this::keep);
  }

  public String name() {
    return name;
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
    outcome.await(firstReady, limit);
  }

  /** The process that runs now. */
  public OptionalLong pid() {
    Process running = process;
    return running != null && running.isAlive()
        ? OptionalLong.of(running.pid())
        : OptionalLong.empty();
  }

  /** Whether the program's process is ready; answers within some seconds. */
  public boolean isReady() throws InterruptedException {
    Process running = process;
    return running != null && running.isAlive() && program.isReady(running);
  }

  /** Whether this is the program that is kept running. */
  public boolean keeps(Program other) {
    return program.equals(other);
  }

  /** How many processes of the program have died since one was steadily ready. */
  public int deaths() {
    return backoff.shortRuns();
  }

  /** How the last process that died did; empty where none has. */
  public String lastExit() {
    return lastExit;
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
    Program now = program;
    if (now.overlaps()) {
      overlap(now, new Takeover(), stopLimit, readyLimit);
      return;
    }
    Restart restart = Restart.inPlace(now, stopLimit);
    if (!requests.ask(restart)) {
      throw new PairException(name + " is being restarted already");
    }
    try {
      outcome.await(restart.failure(), stopLimit.plus(readyLimit));
    } finally {
      requests.withdraw(restart);
    }
  }

  /**
   * Starts a process of another program beside the one that runs, which retires once the new one is
   * ready, and finishes what it has while this returns already.
   *
   * @param takeover calls it off
   * @param stopLimit for what the new one has begun to serve, where it does not get ready
   * @throws PairException where it does not get ready, or is called off; the old one goes on then
   */
  public void overlap(Program next, Takeover takeover, Duration stopLimit, Duration readyLimit)
      throws PairException, InterruptedException {
    successor.start(next, takeover, stopLimit, readyLimit);
  }

  /**
   * Ends the process that runs, within the limit, and starts one of another program. Returns at
   * once; whether it gets ready is seen by {@link #isReady} and {@link #deaths}.
   */
  public void replace(Program next, Duration stopLimit) {
    requests.put(Restart.inPlace(next, stopLimit));
  }

  /** Stops the program; when this returns no process of it is left. */
  public void stop() throws InterruptedException {
    stopRequested.countDown();
    if (thread.getState() == Thread.State.NEW) {
      return;
    }
    List<Process> all = new ArrayList<>(retired);
    Optional.ofNullable(process).ifPresent(all::add);
    successor.process().ifPresent(all::add);
    new Ending(program).end(all, program.stopLimit());
    thread.join();
    successor.awaitNone(); // One that was started just now ends too.
  }

  private void keep() {
    try {
      Duration delay;
      do {
        Duration ready = run();
        delay = Duration.ZERO;
        if (restarting == null) {
          backoff = backoff.after(ready);
          delay = backoff.delay();
          if (!isStopping()) {
            events.died(name, lastExit, delay);
          }
        }
      } while (goesOnAfter(delay));
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    } finally {
      ended.complete(name + " is being stopped");
    }
  }

  /** Waits; a restart that is asked for ends the wait. */
  private boolean goesOnAfter(Duration delay) throws InterruptedException {
    long begun = System.nanoTime();
    while (!isStopping() && System.nanoTime() - begun < delay.toNanos()) {
      restarting = requests.take();
      if (restarting != null) {
        return true;
      }
      var _ = stopRequested.await(PROBE_EVERY.toMillis(), TimeUnit.MILLISECONDS);
    }
    return !isStopping();
  }

  /** Runs it once, and tells for how long it was ready. */
  private Duration run() throws InterruptedException {
    Restart restart = restarting;
    if (restart != null && !restart.program().equals(program)) {
      program = restart.program();
      backoff = Backoff.FRESH;
    }
    Running beside = restart == null ? null : restart.started().orElse(null);
    Running started = beside == null ? launch() : beside;
    if (started == null) {
      return Duration.ZERO;
    }
    process = started.process();
    if (isStopping()) { // stop() may have looked too early.
      new Ending(program).end(List.of(started.process()), program.stopLimit());
    }
    if (beside == null && !becomesReady(started)) {
      return Duration.ZERO;
    }
    long readyAt = System.nanoTime();
    if (!tell("")) {
      events.restarted(name, started.process().pid());
    }
    awaitEnd(started.process());
    return Duration.ofNanos(System.nanoTime() - readyAt);
  }

  private @Nullable Running launch() {
    try {
      return Running.launch(program, texts.logFile());
    } catch (IOException e) {
      lastExit = "cannot be started: " + e.getMessage();
      tell(name + " " + lastExit);
      return null;
    }
  }

  /** What does not get ready, and may never, is restarted all the same. */
  private boolean becomesReady(Running started) throws InterruptedException {
    while (!started.awaitReady(() -> isStopping() || requests.isAsked())) {
      if (!started.process().isAlive() || isStopping()) {
        lastExit = LastWords.exit(started.process().waitFor());
        tell(texts.endedAtOnce(lastExit, started.output().lastLine(LAST_WORDS)));
        return false;
      }
      Restart restart = requests.take();
      if (restart != null) {
        giveWay(started.process(), restart);
        return false;
      }
    }
    return true;
  }

  /** Tells whoever waits for the start that it is done; false where nobody does. */
  private boolean tell(String failure) {
    Restart restart = restarting;
    restarting = null;
    boolean first = firstReady.complete(failure);
    return restart == null ? first : restart.failure().complete(failure);
  }

  /** Waits for the end of the process, or until another one takes its place. */
  private void awaitEnd(Process current) throws InterruptedException {
    Restart restart = requests.takeUnlessEnded(current);
    if (restart == null) {
      lastExit = LastWords.exit(current.waitFor());
    } else {
      giveWay(current, restart);
    }
  }

  private void giveWay(Process current, Restart restart) throws InterruptedException {
    Ending ending = new Ending(program);
    if (restarting != null) {
      restarting.failure().complete(name + " is being restarted again");
    }
    restarting = restart;
    if (restart.started().isEmpty()) {
      ending.end(List.of(current), restart.stopLimit());
      current.waitFor();
      return;
    }
    for (Process older : retired) {
      ending.requestStop(older); // Its idle clients have had their time.
    }
    retired.add(current);
    var _ = current.onExit().thenRun(() -> retired.remove(current));
    ending.retire(current);
  }

  private boolean isStopping() {
    return stopRequested.getCount() == 0;
  }
}
