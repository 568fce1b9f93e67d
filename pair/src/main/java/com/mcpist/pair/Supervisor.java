package com.mcpist.pair;

import com.mcpist.pair.PairEvent.Kind;
import com.mcpist.pair.control.ControlServer;
import com.mcpist.pair.control.ControlSocket;
import com.mcpist.pair.control.Reply;
import com.mcpist.pair.control.Request;
import com.mcpist.pair.data.DataFolder;
import com.mcpist.pair.data.PairException;
import com.mcpist.pair.data.RunningPair;
import com.mcpist.pair.platform.LocalImages;
import com.mcpist.pair.process.Keeper;
import com.mcpist.pair.process.Orphans;
import com.mcpist.pair.process.Ports;
import com.mcpist.pair.process.ProcessEvents;
import com.mcpist.pair.process.SharedSocket;
import com.mcpist.pair.rollout.HostedOrigin;
import com.mcpist.pair.rollout.HostedOrigins;
import com.mcpist.pair.rollout.Turns;
import java.io.IOException;
import java.net.http.HttpClient;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.json.JsonMapper;

/**
 * Starts a pair, keeps it running, and stops it: database, origins, edge, in that order, and the
 * other way round. What it has started is on one stack, so that a start that fails half-way leaves
 * nothing.
 */
final class Supervisor {
  private static final Logger LOG = LoggerFactory.getLogger(Supervisor.class);
  private static final Duration START_LIMIT = Duration.ofSeconds(60);
  private static final Duration ORPHANS_LIMIT = Duration.ofSeconds(10);

  /** One thing to undo. */
  private interface Undo {
    void run() throws InterruptedException;
  }

  private final PairOptions options;
  private final Consumer<PairEvent> events;
  private final SecureRandom random = new SecureRandom();
  private final ObjectMapper json = JsonMapper.builder().build();
  private final HttpClient client =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(1))
          .build();
  private final Deque<Undo> started = new ArrayDeque<>();
  private final StopRequest stop = new StopRequest();
  private final RolloutNotices rollouts = new RolloutNotices(text -> emit(Kind.NOTICE, text));

  Supervisor(PairOptions options, Consumer<PairEvent> events) {
    this.options = options;
    this.events = events;
  }

  /** Asks {@link #run} to stop everything and return. */
  void requestStop() {
    stop.make();
  }

  /**
   * Runs the pair until a stop is requested.
   *
   * @return whether it had started
   */
  boolean run() {
    stop.beginStart();
    boolean ready = false;
    try {
      start();
      ready = true;
      stop.await();
    } catch (PairException e) {
      LOG.info("the start failed", e);
      undo();
      emit(Kind.FAILED, String.valueOf(e.getMessage()));
    } catch (InterruptedException _) {
      LOG.info("stopping, as was asked");
    } catch (RuntimeException | Error e) {
      LOG.error("a fault of the supervisor's own", e);
      undo();
      emit(Kind.FAILED, "the supervisor failed: " + e);
    }
    undo();
    return ready;
  }

  private void start() throws PairException, InterruptedException {
    DataFolder folder = openFolder();
    BuildDigest build = BuildDigest.begin(Programs.originFolder(options));
    Ports ports = new Ports(random);
    int port = options.port() == 0 ? ports.next() : options.port();
    SharedSocket socket = listen(port);
    Secrets secrets = Secrets.generate(random);
    PairDatabase database = database(folder, secrets);
    Programs.Common common =
        new Programs.Common(options, folder.run(), database, secrets, client, json);
    Programs programs = Programs.of(common, port, socket, ports, build.await());
    Turns turns = new Turns();
    HostedOrigins origins = startOrigins(folder, programs, turns);
    Keeper edge = startEdge(folder, programs, socket);
    Pair pair =
        new Pair(
            ChildEnvironment.url(port),
            edge,
            origins,
            programs,
            secrets,
            new KnownSecrets(secrets),
            database,
            new Changes(programs.edge(), programs.edge().admin(edge), turns));
    open(folder, pair);
    if (options.links().equals(Links.DIRECT)) { // One whose links break is for that, and for once.
      startTrainings(new Trainees(options, programs, ports, folder.logs()), programs);
    }
    events.accept(new PairEvent(Kind.READY, pair.edgeUrl(), pair.status()));
  }

  private DataFolder openFolder() throws PairException, InterruptedException {
    DataFolder folder = DataFolder.open(options.data());
    started.push(folder::close);
    SupervisorLog.writeTo(folder.logs());
    endOrphans(folder);
    new RunningPair(ProcessHandle.current().pid(), "").write(folder);
    started.push(() -> RunningPair.remove(folder));
    return folder;
  }

  /** From now on the command line finds the pair. */
  private void open(DataFolder folder, Pair pair) throws PairException {
    ControlServer control =
        ControlServer.listen(
            ControlSocket.of(folder.path(), options.environment()),
            json,
            (request, step) -> answer(pair, request, step));
    started.push(control::close);
    new RunningPair(ProcessHandle.current().pid(), pair.edgeUrl()).write(folder);
    startWatch(pair);
  }

  /** Those of a supervisor that was killed: the edge among them still has the port. */
  private void endOrphans(DataFolder folder) throws PairException, InterruptedException {
    try {
      Orphans.end(folder.run(), ORPHANS_LIMIT);
    } catch (IOException e) {
      throw new PairException("cannot read " + folder.run() + ": " + e.getMessage(), e);
    }
  }

  private @Nullable SharedSocket listen(int port) throws PairException {
    Optional<SharedSocket> socket = EdgeSocket.listen(port);
    socket.ifPresent(held -> started.push(held::close));
    return socket.orElse(null);
  }

  private PairDatabase database(DataFolder folder, Secrets secrets)
      throws PairException, InterruptedException {
    ProcessEvents notices = notices();
    PairDatabase database =
        PairDatabase.choose(options, folder, secrets.passwords(), random, notices, this::step);
    started.push(database::stop);
    database.start(START_LIMIT);
    return database;
  }

  private HostedOrigins startOrigins(DataFolder folder, Programs programs, Turns turns)
      throws PairException, InterruptedException {
    LocalImages images = new LocalImages(folder.path());
    List<HostedOrigin> origins = new ArrayList<>();
    for (Programs.First first : programs.origins()) {
      HostedOrigin origin =
          HostedOrigin.of(
              first.blueprint(),
              first.release(),
              images,
              turns,
              random,
              folder.logs(),
              notices(),
              rollouts);
      origins.add(origin);
      Keeper keeper = origin.keeper();
      started.push(() -> stop(keeper));
      started.push(origin::close);
      keeper.start();
    }
    for (HostedOrigin origin : origins) {
      step("Starting " + origin.name());
      origin.keeper().awaitReady(START_LIMIT);
    }
    HostedOrigins all = new HostedOrigins(origins, images);
    all.prune();
    return all;
  }

  private Keeper startEdge(DataFolder folder, Programs programs, @Nullable SharedSocket socket)
      throws PairException, InterruptedException {
    step("Starting the edge");
    Keeper keeper = new Keeper(programs.edge(), folder.logs(), notices());
    started.push(
        () -> {
          if (socket != null) {
            socket.close(); // Nobody is to wait for an edge that does not come back.
          }
          stop(keeper);
        });
    keeper.start();
    keeper.awaitReady(START_LIMIT);
    return keeper;
  }

  private void startWatch(Pair pair) {
    Thread watch =
        Thread.ofVirtual()
            .name("watch")
            .start(() -> new ServingWatch(pair, text -> emit(Kind.NOTICE, text)).run());
    started.push(
        () -> {
          watch.interrupt();
          watch.join();
        });
  }

  private void startTrainings(Trainees trainees, Programs programs) {
    Trainings begun = new Trainings(trainees);
    started.push(begun::stop);
    begun.begin(programs.origins().getFirst().release());
    rollouts.trainWith(begun);
  }

  private void stop(Keeper keeper) throws InterruptedException {
    emit(Kind.STOPPING, "Stopping " + keeper.name());
    keeper.stop();
  }

  private void undo() {
    stop.endStart();
    while (!started.isEmpty()) {
      try {
        started.pop().run();
      } catch (InterruptedException e) {
        LOG.warn("interrupted while stopping", e);
      }
    }
  }

  private Reply answer(Pair pair, Request request, Consumer<String> step) {
    if (request.command().equals("stop")) {
      requestStop();
      return Reply.done();
    }
    return pair.answer(request, step);
  }

  private ProcessEvents notices() {
    return new Notices(text -> emit(Kind.NOTICE, text));
  }

  private void step(String text) {
    emit(Kind.STEP, text);
  }

  private void emit(Kind kind, String text) {
    LOG.info("{}: {}", kind, text);
    events.accept(PairEvent.of(kind, text));
  }
}
