package com.mcpist.pair.supervisor;

import com.mcpist.pair.control.ControlServer;
import com.mcpist.pair.control.ControlSocket;
import com.mcpist.pair.control.RefusedException;
import com.mcpist.pair.control.Request;
import com.mcpist.pair.data.DataFolder;
import com.mcpist.pair.data.PairException;
import com.mcpist.pair.data.Releases;
import com.mcpist.pair.data.RunningPair;
import com.mcpist.pair.database.PairDatabase;
import com.mcpist.pair.process.Keeper;
import com.mcpist.pair.process.Orphans;
import com.mcpist.pair.process.Ports;
import com.mcpist.pair.process.SharedSocket;
import com.mcpist.pair.supervisor.PairEvent.Kind;
import java.net.http.HttpClient;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Starts a pair, keeps it running, and stops it: database, origins, edge, in that order, and the
 * other way round. What it has started is on one stack, so that a start that fails half-way leaves
 * nothing.
 */
public final class Supervisor implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Supervisor.class);
  private static final Duration START_LIMIT = Duration.ofSeconds(60);
  private static final Duration TRAFFIC_LIMIT = Duration.ofSeconds(30);
  private static final Duration ORPHANS_LIMIT = Duration.ofSeconds(10);

  /** One thing to undo. */
  private interface Undo {
    void run() throws InterruptedException;
  }

  private final PairOptions options;
  private final Consumer<PairEvent> events;
  private final HttpClient client =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(1))
          .build();
  private final Deque<Undo> started = new ArrayDeque<>();

  private final CountDownLatch stopRequested = new CountDownLatch(1);

  /**
   * Of a pair that does not run yet.
   *
   * @param events told of each step of the start and the stop, and of what happens meanwhile
   */
  public Supervisor(PairOptions options, Consumer<PairEvent> events) {
    this.options = options;
    this.events = events;
  }

  /**
   * Starts the pair; an interrupt ends that.
   *
   * @throws PairException where it does not start
   */
  public void start() throws PairException, InterruptedException {
    boolean started = false;
    try {
      run();
      started = true;
    } finally {
      if (!started) {
        close();
      }
    }
  }

  /** Asks whoever has started it to stop it. */
  public void requestStop() {
    stopRequested.countDown();
  }

  /** Returns when that is asked for, by the command line too. */
  public void awaitStopRequest() throws InterruptedException {
    stopRequested.await();
  }

  /** Stops the pair; when this returns nothing of it runs. An interrupt does not end that. */
  @Override
  public void close() {
    Thread stopper = Thread.ofPlatform().name("stop").start(this::undo);
    boolean interrupted = false;
    while (stopper.isAlive()) {
      try {
        stopper.join();
      } catch (InterruptedException _) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
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
    PairDatabase database = database(folder);
    KnownSecrets secrets = new KnownSecrets();
    String edgeAdminToken = KnownSecrets.token();
    Releases releases = new Releases(folder.path());
    Programs programs =
        Programs.of(
            new Programs.Common(options, releases, database, secrets, edgeAdminToken, client),
            port,
            socket,
            ports);
    Keeper edge = new Keeper(programs.edge(), folder.logs(), this::notice);
    Traffic traffic =
        new Traffic(programs.edge().admin(edge::pid), programs.edge()::remember, TRAFFIC_LIMIT);
    Turn turn = new Turn();
    List<HostedOrigin> origins = startOrigins(folder, programs, releases, traffic, turn);
    startEdge(edge, socket, traffic);
    Pair pair =
        new Pair(
            ChildEnvironment.url(port),
            edge,
            origins,
            programs,
            edgeAdminToken,
            secrets,
            database,
            releases,
            traffic,
            turn);
    pair.prune();
    open(folder, pair);
    events.accept(new PairEvent(Kind.READY, pair.edgeUrl()));
  }

  private DataFolder openFolder() throws PairException, InterruptedException {
    DataFolder folder = DataFolder.open(options.data());
    started.push(folder::close);
    SupervisorLog.writeTo(folder.logs());
    // Those of a supervisor that was killed: the edge among them still has the port.
    Orphans.end(folder.releases(), ORPHANS_LIMIT);
    new RunningPair(ProcessHandle.current().pid(), "").write(folder);
    started.push(() -> RunningPair.remove(folder));
    return folder;
  }

  private PairDatabase database(DataFolder folder) throws PairException, InterruptedException {
    PairDatabase database =
        PairDatabase.choose(
            folder,
            options.deployment().origins().size(),
            options.environment(),
            this::notice,
            this::step);
    started.push(database::stop);
    database.start(START_LIMIT);
    return database;
  }

  private List<HostedOrigin> startOrigins(
      DataFolder folder, Programs programs, Releases releases, Traffic traffic, Turn turn)
      throws PairException, InterruptedException {
    List<HostedOrigin> origins = new ArrayList<>();
    for (Programs.First first : programs.origins()) {
      HostedOrigin origin =
          new HostedOrigin(
              first.blueprint(),
              first.release(),
              releases,
              traffic,
              turn,
              folder.logs(),
              this::notice);
      origins.add(origin);
      started.push(() -> stop(origin.keeper()));
      origin.keeper().start();
    }
    for (HostedOrigin origin : origins) {
      step("Starting " + origin.name());
      origin.keeper().awaitReady(START_LIMIT);
    }
    return origins;
  }

  private void startEdge(Keeper keeper, SharedSocket socket, Traffic traffic)
      throws PairException, InterruptedException {
    step("Starting the edge");
    started.push(
        () -> {
          socket.close(); // Nobody is to wait for an edge that does not come back.
          traffic.close();
          stop(keeper);
        });
    keeper.start();
    keeper.awaitReady(START_LIMIT);
  }

  /** From now on the command line finds the pair. */
  private void open(DataFolder folder, Pair pair) throws PairException {
    ControlServer control =
        ControlServer.listen(
            ControlSocket.of(folder.path(), options.environment()),
            (request, step) -> answer(pair, request, step));
    started.push(control::close);
    new RunningPair(ProcessHandle.current().pid(), pair.edgeUrl()).write(folder);
    Thread watch =
        Thread.ofVirtual()
            .name("watch")
            .start(() -> new ServingWatch(pair.traffic(), this::notice).run());
    started.push(
        () -> {
          watch.interrupt();
          watch.join();
        });
  }

  private Object answer(Pair pair, Request request, Consumer<String> step)
      throws RefusedException, PairException, InterruptedException {
    if (request.command().equals("stop")) {
      requestStop();
      return true;
    }
    return pair.answer(request, step);
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
