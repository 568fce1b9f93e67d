package com.mcpist.pair.process;

import static java.time.temporal.ChronoUnit.SECONDS;

import module java.base;

import com.mcpist.pair.data.PairException;
import java.net.http.HttpTimeoutException;
import org.jspecify.annotations.Nullable;

/** Keeps a program running until it is told to stop, or another build of it in its place. */
public final class Keeper {
  private static final Duration HANDOVER_LIMIT = Duration.ofSeconds(30);
  private static final Duration PROBE_EVERY = Duration.ofMillis(50);

  /** How often a program that is ready is asked whether it still answers. */
  private static final Duration ASK_EVERY = Duration.ofSeconds(1);

  private static final long MAX_LOG_BYTES = 10L * 1024 * 1024;

  public sealed interface Start {
    record Ready() implements Start {}

    record Failed(String why) implements Start {}

    /** Nobody waits for it any more: something else is wanted. */
    record CalledOff() implements Start {}
  }

  /** So many deaths of a program until it was up again, null until then; how the last one was. */
  public record Death(
      UUID id, String program, String how, int times, Instant at, @Nullable Instant upAgain) {}

  public enum Sign {
    READY,
    /** It answers, if only by breaking off. */
    LIVES,
    REFUSES,
    /** Nothing comes in time. */
    NONE;

    public static Sign of(IOException failure) {
      return switch (failure) {
        case HttpTimeoutException _ -> NONE;
        case ConnectException _ -> REFUSES;
        default -> LIVES;
      };
    }
  }

  private sealed interface Signal {}

  /** A process has ended, or nothing is to run any more. */
  private record Look() implements Signal {}

  /** Where the new one is started already the old one retires, else that ends first. */
  private record Change(
      Program program,
      @Nullable Running started,
      Duration stopLimit,
      CompletableFuture<Start> outcome)
      implements Signal {
    static Change of(Program program, @Nullable Running started, Duration stopLimit) {
      return new Change(program, started, stopLimit, new CompletableFuture<>());
    }

    /** The same program, in the place of a process that has died. */
    Change again() {
      return new Change(program, null, Duration.ZERO, outcome);
    }
  }

  private final String name;
  private final LogFile log;
  private final Consumer<String> notices;
  private final Consumer<Death> deaths;
  private final CompletableFuture<Start> first = new CompletableFuture<>();
  private final BlockingQueue<Signal> signals = new LinkedBlockingQueue<>();
  private final CompletableFuture<Start> stopped = new CompletableFuture<>();

  /** All that have not ended: the one that is kept, one that is to succeed it, retired ones. */
  private final Set<Process> processes = ConcurrentHashMap.newKeySet();

  private volatile @Nullable Thread thread;
  private volatile boolean stopping;

  // Written by the keeper's own thread only.
  private volatile Program program;
  private volatile @Nullable Running current;
  private volatile Backoff backoff = Backoff.FRESH;
  private volatile String lastExit = "";
  private volatile String lastDeath = "";
  private volatile Silence silence = Silence.NONE;

  /** Since which no process of it was ready; null: one is, or none has been yet. */
  private @Nullable Death death;

  /**
   * The logs are a folder; notices tell, in a plain line each, of its deaths and returns, and
   * deaths are told when they begin, change and end.
   */
  public Keeper(Program program, Path logs, Consumer<String> notices, Consumer<Death> deaths) {
    this.program = program;
    this.name = program.name();
    this.log = new LogFile(logs.resolve(name + ".log"), MAX_LOG_BYTES);
    this.notices = notices;
    this.deaths = deaths;
  }

  public String name() {
    return name;
  }

  public void start() {
    start(List.of());
  }

  /** Goes on with what an earlier supervisor has left, of which the first one is kept. */
  public void start(List<? extends Process> left) {
    left.forEach(this::track);
    Running kept = left.isEmpty() ? null : new Running(program, left.getFirst(), log, log.size());
    Change change = new Change(program, kept, Duration.ZERO, first);
    thread = Thread.ofVirtual().name("keeper-" + name).start(() -> keep(change));
  }

  /** Waits until it was ready once; a PairException where it died before, or took longer. */
  public void awaitReady(Duration limit) throws PairException, InterruptedException {
    if (await(first, limit, () -> false) instanceof Start.Failed(String why)) {
      throw new PairException(why);
    }
  }

  public @Nullable Long pid() {
    Running running = current;
    return running != null && running.process().isAlive() ? running.process().pid() : null;
  }

  /** Whether the program's process is ready; answers within some seconds. */
  public boolean isReady() throws InterruptedException {
    Running running = current;
    return running != null && running.isReady();
  }

  /** How many processes of the program have died since one was steadily ready. */
  public int deaths() {
    return backoff.shortRuns();
  }

  /** How the last process that died did; empty where none has. */
  public String lastExit() {
    return lastExit;
  }

  /** That its process does not answer, or how and when the last one died; empty: neither. */
  public String trouble() {
    long silent = silence.seconds();
    return silent < 2 ? lastDeath : name + " has not answered for " + silent + " s";
  }

  /** Ends the process that runs, and keeps another program from then on, whatever becomes of it. */
  public Start replace(
      Program next, Duration stopLimit, Duration readyLimit, BooleanSupplier calledOff)
      throws InterruptedException {
    Change change = Change.of(next, null, stopLimit);
    signals.add(change);
    return await(change.outcome(), stopLimit.plus(readyLimit), calledOff);
  }

  /**
   * Starts another process of the program beside the one that runs, which retires once the new one
   * is ready, and finishes what it has while this returns already. Where the new one does not get
   * ready, the old one goes on.
   */
  public void succeed(Duration readyLimit) throws PairException, InterruptedException {
    Running next;
    try {
      next = launch();
    } catch (IOException e) {
      throw new PairException("the new " + name + " cannot be started: " + e.getMessage(), e);
    }
    if (handOver(next, readyLimit) instanceof Start.Failed(String why)) {
      end(List.of(next.process()), program.stopLimit());
      throw new PairException("the new " + why + " The one before goes on.");
    }
  }

  private Start handOver(Running next, Duration readyLimit) throws InterruptedException {
    long end = System.nanoTime() + readyLimit.toNanos();
    while (!stopping) {
      if (!next.process().isAlive()) {
        return new Start.Failed(next.endedAtOnce());
      }
      if (next.isReady()) {
        Change change = Change.of(program, next, Duration.ZERO);
        signals.add(change);
        return await(change.outcome(), HANDOVER_LIMIT, () -> false);
      }
      if (System.nanoTime() > end) {
        return new Start.Failed(notReady(readyLimit));
      }
      next.process().waitFor(PROBE_EVERY.toMillis(), TimeUnit.MILLISECONDS);
    }
    return beingStopped();
  }

  private Start await(CompletableFuture<Start> outcome, Duration limit, BooleanSupplier calledOff)
      throws InterruptedException {
    CompletableFuture<Start> either = outcome.applyToEither(stopped, start -> start);
    long end = System.nanoTime() + limit.toNanos();
    while (!calledOff.getAsBoolean()) {
      try {
        return either.get(PROBE_EVERY.toMillis(), TimeUnit.MILLISECONDS);
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
    return name + " is not ready after " + limit.toSeconds() + " s. See " + log.file();
  }

  private Start beingStopped() {
    return new Start.Failed(name + " is being stopped");
  }

  /** Stops the program; when this returns no process of it is left. */
  public void stop() throws InterruptedException {
    stopping = true;
    signals.add(new Look());
    Thread keeping = thread;
    if (keeping == null) {
      return;
    }
    end(processes, program.stopLimit());
    keeping.join();
    end(processes, program.stopLimit()); // One that was started just then.
  }

  private void keep(Change begun) {
    try {
      Change change = begun;
      while (!stopping) {
        Change next = live(change);
        if (next == null) {
          next = pause();
        }
        change = next != null ? next : change.again();
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    } finally {
      overcome(); // Nobody waits for it any more.
      stopped.complete(beingStopped());
    }
  }

  /** One process until its end, and what takes its place; null where it died, or all stops. */
  private @Nullable Change live(Change change) throws InterruptedException {
    if (!change.program().equals(program)) {
      program = change.program();
      backoff = Backoff.FRESH;
    }
    try {
      Running started = change.started();
      return watch(started != null ? started : launch(), change);
    } catch (IOException e) {
      died("cannot be started: " + e.getMessage(), Duration.ZERO, false);
      change.outcome().complete(new Start.Failed(name + " " + lastExit));
      return null;
    }
  }

  private Running launch() throws IOException {
    Running running = Running.start(program, log);
    track(running.process());
    return running;
  }

  private void track(Process process) {
    processes.add(process);
    var _ =
        process
            .onExit()
            .thenRun(
                () -> {
                  processes.remove(process);
                  signals.add(new Look());
                });
  }

  private @Nullable Change watch(Running running, Change change) throws InterruptedException {
    Process watched = running.process();
    current = running;
    signals.add(new Look()); // That it has ended may have been told before.
    silence = Silence.from(System.nanoTime());
    String hung = "";
    boolean ready = false;
    long readyAt = System.nanoTime();
    while (true) {
      boolean urgent = !ready || silence.seconds() > 0;
      Duration pause = urgent ? PROBE_EVERY : ASK_EVERY;
      Signal signal = signals.poll(pause.toNanos(), TimeUnit.NANOSECONDS);
      log.bound();
      switch (signal) {
        case null -> {
          if (!urgent && !program.isWatched()) {
            continue;
          }
          Sign sign = running.ask();
          if (!ready && sign == Sign.READY) {
            ready = true;
            readyAt = System.nanoTime();
            overcome();
            if (!change.outcome().complete(new Start.Ready())) {
              notices.accept(name + " is up again (pid " + watched.pid() + ")");
            }
          }
          silence = silence.after(sign, System.nanoTime());
          if (silence.isOver(program.stopLimit())) {
            hung = "killed after " + silence.seconds() + " s without an answer";
            watched.destroyForcibly();
          }
        }
        case Look _ when stopping -> {
          end(List.of(watched), program.stopLimit());
          return null;
        }
        case Look _ when watched.isAlive() -> {} // Another one had ended.
        case Look _ -> {
          Duration served = Duration.ofNanos(ready ? System.nanoTime() - readyAt : 0);
          change.outcome().complete(new Start.Failed(running.endedAtOnce()));
          died(hung.isEmpty() ? running.exit() : hung, served, running.isKilled());
          return null;
        }
        case Change next -> {
          giveWay(watched, next);
          return next;
        }
      }
    }
  }

  private void died(String how, Duration ready, boolean killed) {
    lastExit = how;
    lastDeath = "%s died (%s) at %s".formatted(name, how, Instant.now().truncatedTo(SECONDS));
    silence = Silence.NONE;
    backoff = backoff.after(ready, killed);
    if (!stopping) {
      Death before = death;
      Death now =
          before == null
              ? new Death(UUID.randomUUID(), name, how, 1, Instant.now(), null)
              : new Death(before.id(), name, how, before.times() + 1, before.at(), null);
      death = now;
      deaths.accept(now);
      Duration delay = delay();
      String when = delay.isZero() ? "at once" : "in " + delay.toMillis() / 1000.0 + " s";
      notices.accept(name + " died (" + how + "), starting it again " + when);
    }
  }

  private void overcome() {
    Death over = death;
    if (over != null) {
      death = null;
      deaths.accept(new Death(over.id(), name, over.how(), over.times(), over.at(), Instant.now()));
    }
  }

  private Duration delay() {
    return backoff.delay(program.longestDelay());
  }

  /** Waits before the next start; a change that comes ends the wait. */
  private @Nullable Change pause() throws InterruptedException {
    long end = System.nanoTime() + delay().toNanos();
    while (!stopping) {
      Signal signal = signals.poll(end - System.nanoTime(), TimeUnit.NANOSECONDS);
      if (signal instanceof Change next) {
        return next;
      }
      if (signal == null) {
        break;
      }
    }
    return null;
  }

  private void giveWay(Process current, Change next) throws InterruptedException {
    Running started = next.started();
    if (started == null) {
      end(List.of(current), next.stopLimit());
      return;
    }
    for (Process older : processes) {
      if (!older.equals(current) && !older.equals(started.process())) {
        requestStop(older); // Its idle clients have had their time.
      }
    }
    retire(current);
  }

  /** Lets one end whose work another one does. */
  public void retire(Process process) throws InterruptedException {
    try {
      program.retire(process);
    } catch (IOException _) {
      requestStop(process);
      CompletableFuture.delayedExecutor(program.stopLimit().toSeconds(), TimeUnit.SECONDS)
          .execute(process::destroyForcibly); // Where it hangs.
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

  public interface Program {
    String name();

    /** Starts the process, which appends its standard output and error to the log. */
    Process launch(Path log) throws IOException;

    /** Starts one so that it outlives this process: no pipe leads to it or from it. */
    static Process start(ProcessBuilder builder, Path log) throws IOException {
      return builder
          .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
          .redirectErrorStream(true)
          .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
          .start();
    }

    /** Asks the process for a sign of life; answers within some seconds. */
    Sign ask(Process process) throws InterruptedException;

    /** Asks the process to stop, finishing what it does. */
    void requestStop(Process process) throws IOException, InterruptedException;

    /** Tells the process that another one does its work: it is to end once its own is finished. */
    default void retire(Process process) throws IOException, InterruptedException {
      requestStop(process);
    }

    /** How long it may take to stop before it is killed. */
    Duration stopLimit();

    /** Whether it is asked for as long as it runs, and replaced where nothing comes. */
    default boolean isWatched() {
      return true;
    }

    /** How long it waits at most to be started again, where it dies of itself each time. */
    default Duration longestDelay() {
      return Duration.ofSeconds(30);
    }
  }
}
