package com.mcpist.pair.process;

import com.mcpist.pair.data.PairException;
import com.mcpist.pair.process.Keeper.Signal.Change;
import com.mcpist.pair.process.Keeper.Signal.Ended;
import com.mcpist.pair.process.Keeper.Signal.Stop;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Keeps a program running until it is told to stop, or another build of it in its place. */
public final class Keeper {
  private static final Duration HANDOVER_LIMIT = Duration.ofSeconds(30);

  /** What the keeper's thread is told. */
  sealed interface Signal {
    /** A process has ended. */
    record Ended(Process process) implements Signal {}

    /**
     * Another process is to run.
     *
     * @param started that process, where it runs already and the old one retires; where it does
     *     not, the old one ends first
     * @param stopLimit how long that may take
     * @param outcome completes with what has become of the new one
     */
    record Change(
        Program program,
        Optional<Running> started,
        Duration stopLimit,
        CompletableFuture<Start> outcome)
        implements Signal {}

    /** Nothing is to run any more. */
    record Stop() implements Signal {}
  }

  private final String name;
  private final Path logFile;
  private final Consumer<String> notices;
  private final Change first;
  private final Thread thread;
  private final BlockingQueue<Signal> signals = new LinkedBlockingQueue<>();
  private final CompletableFuture<Start> stopped = new CompletableFuture<>();

  /** All that have not ended: the one that is kept, one that is to succeed it, retired ones. */
  private final Set<Process> processes = ConcurrentHashMap.newKeySet();

  private volatile boolean stopping;

  // Written by the keeper's own thread only.
  private volatile Program program;
  private volatile @Nullable Process process;
  private volatile Backoff backoff = Backoff.FRESH;
  private volatile String lastExit = "";

  /**
   * Keeps a program that is not started yet.
   *
   * @param logs the folder of its log file
   * @param notices told, in a plain line each, when it has died and when it is back
   */
  public Keeper(Program program, Path logs, Consumer<String> notices) {
    this.program = program;
    this.name = program.name();
    this.logFile = logs.resolve(name + ".log");
    this.notices = notices;
    this.first = new Change(program, Optional.empty(), Duration.ZERO, new CompletableFuture<>());
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
    if (await(first, limit, () -> false) instanceof Start.Failed failed) {
      throw new PairException(failed.why());
    }
  }

  /** The process that runs now; null where none does. */
  public @Nullable Long pid() {
    Process running = process;
    return running != null && running.isAlive() ? running.pid() : null;
  }

  /** Whether the program's process is ready; answers within some seconds. */
  public boolean isReady() throws InterruptedException {
    Process running = process;
    return running != null && running.isAlive() && program.isReady(running);
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
   * Ends the process that runs, and starts one of another program, which is kept from then on,
   * whatever becomes of it.
   *
   * @param stopLimit how long the old one may take
   * @param readyLimit how long the new one may take then
   * @param calledOff whether that is not waited for any more
   */
  public Start replace(
      Program next, Duration stopLimit, Duration readyLimit, BooleanSupplier calledOff)
      throws InterruptedException {
    Change change = new Change(next, Optional.empty(), stopLimit, new CompletableFuture<>());
    signals.add(change);
    return await(change, stopLimit.plus(readyLimit), calledOff);
  }

  /**
   * Starts another process of the program beside the one that runs, which retires once the new one
   * is ready, and finishes what it has while this returns already.
   *
   * @throws PairException where the new one does not get ready; the old one goes on then
   */
  public void succeed(Duration readyLimit) throws PairException, InterruptedException {
    Running next;
    try {
      next = launch();
    } catch (IOException e) {
      throw new PairException("the new " + name + " cannot be started: " + e.getMessage(), e);
    }
    long end = System.nanoTime() + readyLimit.toNanos();
    Start start = new Start.Failed(name + " is being stopped");
    if (next.awaitReady(() -> stopping || System.nanoTime() > end)) {
      Change change =
          new Change(program, Optional.of(next), Duration.ZERO, new CompletableFuture<>());
      signals.add(change);
      start = await(change, HANDOVER_LIMIT, () -> false);
    } else if (!next.process().isAlive()) {
      start = new Start.Failed(next.endedAtOnce());
    } else if (!stopping) {
      start = new Start.Failed(notReady(readyLimit));
    }
    if (start instanceof Start.Failed failed) {
      end(List.of(next.process()), program.stopLimit());
      throw new PairException("the new " + failed.why() + " The one before goes on.");
    }
  }

  private Start await(Change change, Duration limit, BooleanSupplier calledOff)
      throws InterruptedException {
    CompletableFuture<Start> either = change.outcome().applyToEither(stopped, start -> start);
    long end = System.nanoTime() + limit.toNanos();
    while (!calledOff.getAsBoolean()) {
      try {
        return either.get(Running.PROBE_EVERY.toMillis(), TimeUnit.MILLISECONDS);
      } catch (TimeoutException _) {
        if (System.nanoTime() > end) {
          return new Start.Failed(notReady(limit));
        }
      } catch (ExecutionException e) {
        throw new IllegalStateException(e);
      }
    }
    return new Start.CalledOff();
  }

  private String notReady(Duration limit) {
    return name + " is not ready after " + limit.toSeconds() + " s. See " + logFile;
  }

  /** Stops the program; when this returns no process of it is left. */
  public void stop() throws InterruptedException {
    stopping = true;
    signals.add(new Stop());
    if (thread.getState() == Thread.State.NEW) {
      return;
    }
    end(processes, program.stopLimit());
    thread.join();
    end(processes, program.stopLimit()); // One that was started just then.
  }

  private void keep() {
    try {
      Change change = first;
      while (!stopping) {
        Optional<Change> next = live(change);
        if (next.isEmpty()) {
          next = pause();
        }
        change = next.orElse(again(change));
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    } finally {
      stopped.complete(new Start.Failed(name + " is being stopped"));
    }
  }

  /** The same program, in the place of a process that has died. */
  private Change again(Change change) {
    return new Change(program, Optional.empty(), Duration.ZERO, change.outcome());
  }

  /**
   * One process, from its start to its end.
   *
   * @return what takes its place; empty where it has died, or all is being stopped
   */
  private Optional<Change> live(Change change) throws InterruptedException {
    if (!change.program().equals(program)) {
      program = change.program();
      backoff = Backoff.FRESH;
    }
    try {
      return watch(change.started().isPresent() ? change.started().get() : launch(), change);
    } catch (IOException e) {
      died("cannot be started: " + e.getMessage(), Duration.ZERO);
      change.outcome().complete(new Start.Failed(name + " " + lastExit));
      return Optional.empty();
    }
  }

  private Running launch() throws IOException {
    Running running = Running.launch(program, logFile);
    Process launched = running.process();
    processes.add(launched);
    var _ =
        launched
            .onExit()
            .thenRun(
                () -> {
                  processes.remove(launched);
                  signals.add(new Ended(launched));
                });
    return running;
  }

  private Optional<Change> watch(Running running, Change change) throws InterruptedException {
    Process watched = running.process();
    process = watched;
    if (!watched.isAlive()) {
      signals.add(new Ended(watched)); // That it has ended may have been told before.
    }
    boolean ready = false;
    long readyAt = System.nanoTime();
    while (true) {
      long patience = ready ? Long.MAX_VALUE : Running.PROBE_EVERY.toNanos();
      switch (signals.poll(patience, TimeUnit.NANOSECONDS)) {
        case null -> {
          if (running.isReady()) {
            ready = true;
            readyAt = System.nanoTime();
            if (!change.outcome().complete(new Start.Ready())) {
              notices.accept(name + " is up again (pid " + watched.pid() + ")");
            }
          }
        }
        case Ended(Process ended) when !ended.equals(watched) -> {} // One that had retired.
        case Ended _ -> {
          long served = ready ? System.nanoTime() - readyAt : 0;
          change.outcome().complete(new Start.Failed(running.endedAtOnce()));
          died(running.exit(), Duration.ofNanos(served));
          return Optional.empty();
        }
        case Change next -> {
          giveWay(watched, next);
          return Optional.of(next);
        }
        case Stop _ -> {
          end(List.of(watched), program.stopLimit());
          return Optional.empty();
        }
      }
    }
  }

  private void died(String how, Duration ready) {
    lastExit = how;
    backoff = backoff.after(ready);
    if (!stopping) {
      Duration delay = backoff.delay();
      String when = delay.isZero() ? "at once" : "in " + delay.toMillis() / 1000.0 + " s";
      notices.accept(name + " died (" + how + "), starting it again " + when);
    }
  }

  /** Waits before the next start; a change that comes ends the wait. */
  private Optional<Change> pause() throws InterruptedException {
    long end = System.nanoTime() + backoff.delay().toNanos();
    while (!stopping) {
      Signal signal = signals.poll(end - System.nanoTime(), TimeUnit.NANOSECONDS);
      if (signal instanceof Change next) {
        return Optional.of(next);
      }
      if (signal == null) {
        break;
      }
    }
    return Optional.empty();
  }

  private void giveWay(Process current, Change next) throws InterruptedException {
    if (next.started().isEmpty()) {
      end(List.of(current), next.stopLimit());
      return;
    }
    for (Process older : processes) {
      if (!older.equals(current) && !older.equals(next.started().get().process())) {
        requestStop(older); // Its idle clients have had their time.
      }
    }
    try {
      program.retire(current);
    } catch (IOException _) {
      requestStop(current);
    }
  }

  /** Asks all of them to stop, and kills those that take longer than the limit. */
  private void end(Collection<Process> ending, Duration limit) throws InterruptedException {
    List<Process> all = List.copyOf(ending);
    for (Process each : all) {
      requestStop(each);
    }
    long deadline = System.nanoTime() + limit.toNanos();
    for (Process each : all) {
      if (!each.waitFor(deadline - System.nanoTime(), TimeUnit.NANOSECONDS)) {
        each.destroyForcibly();
        each.waitFor();
      }
    }
  }

  private void requestStop(Process running) throws InterruptedException {
    try {
      if (running.isAlive()) {
        program.requestStop(running);
      }
    } catch (IOException _) {
      running.destroyForcibly();
    }
  }
}
