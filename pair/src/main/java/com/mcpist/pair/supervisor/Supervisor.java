package com.mcpist.pair.supervisor;

import module java.base;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.joran.JoranConfigurator;
import ch.qos.logback.core.joran.spi.JoranException;
import com.mcpist.deploy.config.ConfigException;
import com.mcpist.pair.control.ControlSocket;
import com.mcpist.pair.control.Sockets;
import com.mcpist.pair.data.DataFolder;
import com.mcpist.pair.data.DataFolder.RunningPair;
import com.mcpist.pair.data.PairException;
import com.mcpist.pair.data.Releases;
import com.mcpist.pair.database.PairDatabase;
import com.mcpist.pair.process.Keeper;
import com.mcpist.pair.process.Keeper.Death;
import com.mcpist.pair.process.Orphans;
import com.mcpist.pair.process.Orphans.Orphan;
import com.mcpist.pair.process.Ports;
import com.mcpist.pair.process.SharedSocket;
import com.mcpist.pair.supervisor.Supervisor.PairEvent.Kind;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Starts, keeps and stops a pair, or goes on with one whose supervisor was killed. All that is
 * started is on a stack: a start that fails leaves nothing, and one that goes on leaves all as it
 * was.
 */
public final class Supervisor implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Supervisor.class);
  private static final Duration START_LIMIT = Duration.ofSeconds(60);

  /** For each program of a pair that serves already. */
  private static final Duration GO_ON_LIMIT = Duration.ofSeconds(10);

  private static final String OTHERWISE =
      "what serves goes on as it was started: another mcpist.yml, port or DATABASE_URL holds from"
          + " the next `mcpist down` and `mcpist up` on";

  /** What whoever started it is told in a plain line; with READY that is where the pair answers. */
  public record PairEvent(Kind kind, String text) {
    public enum Kind {
      STEP,
      READY,
      /** The start failed, and everything is stopped again. */
      FAILED,
      NOTICE,
      STOPPING
    }
  }

  private interface Task {
    void run() throws InterruptedException;
  }

  /** How a pair is to be started; not asked where one serves already. */
  public interface Wanted {
    PairOptions options() throws PairException;
  }

  private interface Step {
    void run() throws PairException, InterruptedException;
  }

  private final Path data;
  private final Map<String, String> environment;
  private final Wanted wanted;
  private final Consumer<PairEvent> events;
  private final PairEvents happenings = new PairEvents();
  private final Deque<Task> started = new ArrayDeque<>();
  private final CountDownLatch stopRequested = new CountDownLatch(1);

  /** Of what serves already; then nothing that fails is a reason to stop that. */
  private Optional<PairRecord> left = Optional.empty();

  /**
   * Of the pair in a data folder; the environment is for XDG_* variables. Events are each step of
   * the start and the stop, and what happens meanwhile.
   */
  public Supervisor(
      Path data, Map<String, String> environment, Wanted wanted, Consumer<PairEvent> events) {
    this.data = data;
    this.environment = environment;
    this.wanted = wanted;
    this.events = events;
  }

  /**
   * Starts the pair; an interrupt ends that. Where it does not start, nothing of it runs, unless it
   * ran before: that serves on, whyever this one does not go on with it.
   */
  public void start() throws PairException, InterruptedException {
    boolean done = false;
    try {
      run();
      done = true;
    } finally {
      if (!done) {
        if (goesOn()) {
          Task folder = started.getLast();
          started.clear();
          started.push(folder);
        }
        close();
      }
    }
  }

  public void requestStop() {
    stopRequested.countDown();
  }

  public void awaitStopRequest() throws InterruptedException {
    stopRequested.await();
  }

  /** Stops the pair; when this returns nothing of it runs. An interrupt does not end that. */
  @Override
  public void close() {
    CompletableFuture.runAsync(this::undo, task -> Thread.ofPlatform().name("stop").start(task))
        .join();
  }

  private void undo() {
    while (!started.isEmpty()) {
      try {
        started.pop().run();
      } catch (InterruptedException e) {
        throw new IllegalStateException("nobody interrupts it", e);
      }
    }
  }

  private void run() throws PairException, InterruptedException {
    DataFolder folder = openFolder();
    PairOptions now = begin(folder);
    int port = now.port() == 0 ? new Ports(new SecureRandom()).next() : now.port();
    Optional<ProcessHandle> holder =
        goesOn() ? SharedSocket.holder(folder.run()) : Optional.empty();
    SharedSocket socket =
        holder.isPresent()
            ? SharedSocket.adopt(port, folder.run(), holder.get())
            : SharedSocket.listen(port, folder.run());
    started.push(socket::close);
    PairDatabase database = startDatabase(folder, now);
    started.push(happenings::stop);
    PairRecord begun =
        goesOn() ? left.get() : PairRecord.first(now, new Releases(folder.path()), database, port);
    Pair pair = new Pair(now, begun, folder, database, socket, this::notice, happenings);
    List<Orphan> orphans = goesOn() ? Orphans.of(folder.releases()) : List.of();
    startOrigins(pair, orphans);
    List<Process> edges = startEdge(pair, socket, orphans);
    if (goesOn()) {
      awaitAll(pair);
    }
    pair.prune();
    open(folder, pair);
    if (goesOn()) {
      begin("settle", () -> pair.settle(edges));
    }
    events.accept(new PairEvent(Kind.READY, pair.edgeUrl));
  }

  private boolean goesOn() {
    return left.isPresent();
  }

  private PairDatabase startDatabase(DataFolder folder, PairOptions now)
      throws PairException, InterruptedException {
    PairDatabase database =
        PairDatabase.choose(
            folder,
            now.deployment().origins().size(),
            now.environment(),
            left.flatMap(PairRecord::database),
            this::notice,
            happenings::died,
            goesOn() ? _ -> {} : this::step);
    started.push(database::stop);
    await(() -> database.start(goesOn() ? GO_ON_LIMIT : START_LIMIT));
    return database;
  }

  private void awaitAll(Pair pair) throws PairException, InterruptedException {
    Instant now = Instant.now();
    happenings.died(new Death(UUID.randomUUID(), "supervisor", "how is not known", 1, now, now));
    for (HostedOrigin origin : pair.origins) {
      await(() -> origin.keeper.awaitReady(GO_ON_LIMIT));
    }
    await(() -> pair.edge.awaitReady(GO_ON_LIMIT));
  }

  private DataFolder openFolder() throws PairException {
    DataFolder folder = DataFolder.open(data);
    started.push(folder::close);
    logTo(folder.logs());
    Sockets.of(folder.path()).create();
    if (SharedSocket.holder(folder.run()).isPresent()) {
      left = PairRecord.remembered(folder.run());
    }
    return folder;
  }

  /**
   * What is left is ended only where it cannot be gone on with, and another pair can be started.
   */
  private PairOptions begin(DataFolder folder) throws PairException, InterruptedException {
    if (goesOn()) {
      step("Taking over the pair that serves");
      compare(left.get());
    }
    PairOptions now = goesOn() ? left.get().options(data) : wanted.options();
    started.push(() -> end(folder));
    if (!goesOn()) {
      Leftovers.end(folder, DataFolder.cache(environment));
      folder.checkSpace();
    }
    return now;
  }

  private void compare(PairRecord record) {
    try {
      if (!record.isAsIn(wanted.options())) {
        notice(OTHERWISE);
      }
    } catch (PairException | ConfigException e) {
      notice(e.getMessage() + "\n" + OTHERWISE);
    }
  }

  /** What nobody keeps, such as a process that was just being started. */
  private void end(DataFolder folder) throws InterruptedException {
    try {
      Leftovers.end(folder, DataFolder.cache(environment));
    } catch (PairException e) {
      LOG.warn("Something is left: {}", e.getMessage());
    }
  }

  /** What serves is not stopped because a part of it does not: that is tried again. */
  private void await(Step step) throws PairException, InterruptedException {
    try {
      step.run();
    } catch (PairException e) {
      if (!goesOn()) {
        throw e;
      }
      notice(String.valueOf(e.getMessage()));
    }
  }

  /** Sets up supervisor.log. Before that nothing is logged, since standard output is for events. */
  private static void logTo(Path logs) {
    LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
    context.putProperty("logs", logs.toString());
    JoranConfigurator configurator = new JoranConfigurator();
    configurator.setContext(context);
    try {
      configurator.doConfigure(
          Objects.requireNonNull(Supervisor.class.getResource("supervisor-log.xml")));
    } catch (JoranException e) {
      throw new IllegalStateException("this build's supervisor-log.xml cannot be read", e);
    }
  }

  private void startOrigins(Pair pair, List<Orphan> orphans)
      throws PairException, InterruptedException {
    for (HostedOrigin origin : pair.origins) {
      started.push(() -> stop(origin.keeper));
      origin.start(orphans);
    }
    if (!goesOn()) {
      for (HostedOrigin origin : pair.origins) {
        step("Starting " + origin.name());
        origin.keeper.awaitReady(START_LIMIT);
      }
      step("Starting the edge");
    }
  }

  private List<Process> startEdge(Pair pair, SharedSocket socket, List<Orphan> orphans)
      throws PairException, InterruptedException {
    started.push(
        () -> {
          socket.close(); // Nobody is to wait for an edge that does not come back.
          pair.traffic.close();
          stop(pair.edge);
        });
    List<Process> left = pair.startEdge(orphans);
    if (!goesOn()) {
      pair.edge.awaitReady(START_LIMIT);
    }
    return left;
  }

  /** From now on the command line finds the pair. */
  private void open(DataFolder folder, Pair pair) throws PairException, InterruptedException {
    pair.note();
    ControlSocket.Server control =
        ControlSocket.listen(
            Sockets.of(folder.path()),
            (request, step) -> {
              if (request.command().equals("stop")) {
                requestStop();
                return true;
              }
              return pair.answer(request, step);
            });
    started.push(control::close);
    folder.write(new RunningPair(ProcessHandle.current().pid(), pair.edgeUrl));
    begin("watch", () -> pair.traffic.watch(this::notice));
  }

  private void begin(String name, Task task) {
    Thread thread =
        Thread.ofVirtual()
            .name(name)
            .start(
                () -> {
                  try {
                    task.run();
                  } catch (InterruptedException _) {
                    Thread.currentThread().interrupt();
                  }
                });
    started.push(
        () -> {
          thread.interrupt();
          thread.join();
        });
  }

  private void stop(Keeper keeper) throws InterruptedException {
    emit(Kind.STOPPING, "Stopping " + keeper.name());
    keeper.stop();
  }

  private void notice(String text) {
    emit(Kind.NOTICE, text);
  }

  private void step(String text) {
    emit(Kind.STEP, text);
  }

  private void emit(Kind kind, String text) {
    LOG.info("{}: {}", kind, text);
    events.accept(new PairEvent(kind, text));
  }
}
