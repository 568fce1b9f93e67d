package com.mcpist.pair.supervisor;

import module java.base;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.joran.JoranConfigurator;
import ch.qos.logback.core.joran.spi.JoranException;
import com.mcpist.pair.control.ControlSocket;
import com.mcpist.pair.data.DataFolder;
import com.mcpist.pair.data.DataFolder.RunningPair;
import com.mcpist.pair.data.PairException;
import com.mcpist.pair.database.PairDatabase;
import com.mcpist.pair.process.Keeper;
import com.mcpist.pair.process.Orphans;
import com.mcpist.pair.process.Ports;
import com.mcpist.pair.process.SharedSocket;
import com.mcpist.pair.supervisor.Supervisor.PairEvent.Kind;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Starts, keeps and stops a pair. All that is started is on a stack: a failure leaves nothing. */
public final class Supervisor implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Supervisor.class);
  private static final Duration START_LIMIT = Duration.ofSeconds(60);
  private static final Duration ORPHANS_LIMIT = Duration.ofSeconds(10);

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

  private interface Undo {
    void run() throws InterruptedException;
  }

  private final PairOptions options;
  private final Consumer<PairEvent> events;
  private final PairEvents happenings = new PairEvents();
  private final Deque<Undo> started = new ArrayDeque<>();
  private final CountDownLatch stopRequested = new CountDownLatch(1);

  /** Events are each step of the start and the stop, and what happens meanwhile. */
  public Supervisor(PairOptions options, Consumer<PairEvent> events) {
    this.options = options;
    this.events = events;
  }

  /** Starts the pair; an interrupt ends that. Where it does not start, nothing of it runs. */
  public void start() throws PairException, InterruptedException {
    boolean done = false;
    try {
      run();
      done = true;
    } finally {
      if (!done) {
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
    Ports ports = new Ports(new SecureRandom());
    int port = options.port() == 0 ? ports.next() : options.port();
    SharedSocket socket = SharedSocket.listen(port);
    started.push(socket::close);
    PairDatabase database =
        PairDatabase.choose(
            folder,
            options.deployment().origins().size(),
            options.environment(),
            this::notice,
            happenings::died,
            this::step);
    started.push(database::stop);
    database.start(START_LIMIT);
    started.push(happenings::stop);
    Pair pair = new Pair(options, folder, database, port, socket, ports, this::notice, happenings);
    folder.tellOriginsReady(false);
    startAll(pair, socket);
    awaitAll(pair, folder);
    pair.prune();
    open(folder, pair);
    events.accept(new PairEvent(Kind.READY, pair.edgeUrl));
  }

  private DataFolder openFolder() throws PairException, InterruptedException {
    DataFolder folder = DataFolder.open(options.data());
    started.push(folder::close);
    logTo(folder.logs());
    // Those of a supervisor that was killed: the edge among them still has the port.
    Orphans.end(folder.releases(), ORPHANS_LIMIT);
    folder.write(new RunningPair(ProcessHandle.current().pid(), ""));
    return folder;
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

  /** At once, each on a processor: the edge is loaded while the origins are, and waits for them. */
  private void startAll(Pair pair, SharedSocket socket) {
    for (HostedOrigin origin : pair.origins) {
      started.push(() -> stop(origin.keeper));
      origin.keeper.start();
    }
    started.push(
        () -> {
          socket.close(); // Nobody is to wait for an edge that does not come back.
          pair.traffic.close();
          stop(pair.edge);
        });
    pair.edge.start();
  }

  private void awaitAll(Pair pair, DataFolder folder) throws PairException, InterruptedException {
    for (HostedOrigin origin : pair.origins) {
      step("Starting " + origin.name());
      origin.keeper.awaitReady(START_LIMIT);
    }
    step("Starting the edge");
    folder.tellOriginsReady(true);
    pair.edge.awaitReady(START_LIMIT);
  }

  /** From now on the command line finds the pair. */
  private void open(DataFolder folder, Pair pair) throws PairException {
    ControlSocket.Server control =
        ControlSocket.listen(
            ControlSocket.of(folder.path(), options.environment()),
            (request, step) -> {
              if (request.command().equals("stop")) {
                requestStop();
                return true;
              }
              return pair.answer(request, step);
            });
    started.push(control::close);
    folder.write(new RunningPair(ProcessHandle.current().pid(), pair.edgeUrl));
    Thread watch = Thread.ofVirtual().name("watch").start(() -> pair.traffic.watch(this::notice));
    started.push(
        () -> {
          watch.interrupt();
          watch.join();
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
