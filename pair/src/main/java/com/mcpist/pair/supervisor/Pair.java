package com.mcpist.pair.supervisor;

import module java.base;

import com.mcpist.deploy.admin.AdminPath.Event;
import com.mcpist.deploy.config.Spelling;
import com.mcpist.deploy.edgeclient.EdgeConfig;
import com.mcpist.deploy.platform.PlatformException.Kind;
import com.mcpist.deploy.release.Concurrently;
import com.mcpist.deploy.secret.Secret;
import com.mcpist.deploy.secrets.Source;
import com.mcpist.deploy.time.Deadline;
import com.mcpist.deploy.time.Time;
import com.mcpist.pair.control.ControlSocket.Request;
import com.mcpist.pair.control.PairStatus;
import com.mcpist.pair.control.PairStatus.PairAccess;
import com.mcpist.pair.control.Sockets;
import com.mcpist.pair.data.DataFolder;
import com.mcpist.pair.data.PairException;
import com.mcpist.pair.data.Releases;
import com.mcpist.pair.database.PairDatabase;
import com.mcpist.pair.process.Keeper;
import com.mcpist.pair.process.Orphans.Orphan;
import com.mcpist.pair.process.SharedSocket;
import com.mcpist.pair.supervisor.ChildEnvironment.EdgeValues;
import com.mcpist.pair.supervisor.PairRecord.OriginRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A pair's origins and edge, and what can be asked of them. */
final class Pair {
  private static final Logger LOG = LoggerFactory.getLogger(Pair.class);

  /** What the edge is called where an origin's name could stand. */
  private static final String EDGE = "edge";

  private static final Duration READY_LIMIT = Duration.ofSeconds(60);

  private static final Duration TRAFFIC_LIMIT = Duration.ofSeconds(30);

  private static final long LOOK_MILLIS = 100;

  /** For what an origin tells of itself, which is left out where it hangs. */
  private static final Duration HEALTH_LIMIT = Duration.ofSeconds(1);

  private final PairOptions options;
  private final PairDatabase database;
  private final SharedSocket socket;
  private final Sockets sockets;
  final String edgeUrl;

  /** What they run, copied: a build may change or go while the pair runs. */
  private final Releases releases;

  /** As it was when this supervisor began. */
  private final PairRecord begun;

  private final KnownSecrets known;
  private final EdgeProgram edgeProgram;
  private final PairEvents events;

  /** What commands have drained, and no rollout for its own time. */
  private final Set<String> drained = ConcurrentHashMap.newKeySet();

  /** One notes down at a time, so that the last one is right. */
  private final Semaphore noting = new Semaphore(1, true);

  final Keeper edge;
  final Traffic traffic;

  /** In the order in which the edge prefers them. */
  final List<HostedOrigin> origins = new ArrayList<>();

  /** Programs that do not run yet, or are what an earlier supervisor has left. */
  Pair(
      PairOptions options,
      PairRecord begun,
      DataFolder folder,
      PairDatabase database,
      SharedSocket socket,
      Consumer<String> notices,
      PairEvents events)
      throws PairException {
    this.options = options;
    this.begun = begun;
    this.database = database;
    this.socket = socket;
    this.sockets = Sockets.of(folder.path());
    this.events = events;
    this.edgeUrl = ChildEnvironment.url(begun.port());
    this.releases = new Releases(folder.path());
    this.known = new KnownSecrets(begun.secrets());
    this.drained.addAll(begun.drained());
    this.edgeProgram = new EdgeProgram(begun.edge(), options, edgeValues(), socket, sockets);
    this.edge = new Keeper(edgeProgram, folder.logs(), notices, events::died);
    this.traffic =
        new Traffic(edgeProgram.keptAdmin(edge::pid), edgeProgram::remember, TRAFFIC_LIMIT);
    Map<String, URI> addresses = new LinkedHashMap<>();
    for (OriginRecord origin : begun.origins()) {
      URI address = sockets.origin(origins.size());
      OriginBlueprint blueprint = OriginBlueprint.of(options, origin, address, database, known);
      addresses.put(origin.name(), address);
      origins.add(
          new HostedOrigin(
              blueprint,
              origin,
              releases,
              traffic,
              folder.logs(),
              notices,
              events,
              this::noteReleases));
    }
    events.tell(addresses, known);
  }

  private EdgeValues edgeValues() throws PairException {
    List<URI> reached = new ArrayList<>();
    for (OriginRecord origin : begun.origins()) {
      reached.add(options.links().toOrigin(origin.name(), sockets.origin(reached.size())));
    }
    Secret gatewaySecret = begun.edgeSecret().orElseGet(() -> known.current(Source.GATEWAY_SECRET));
    return new EdgeValues(
        begun.port(), reached, begun.drained(), gatewaySecret, begun.edgeAdminToken());
  }

  /** Answers what docs/design/processes.md says; steps tell what is done where that takes long. */
  Object answer(Request request, Consumer<String> step) throws PairException, InterruptedException {
    return switch (request.command()) {
      case "status" -> status();
      case "access" -> access();
      case "database" -> database.own().orElseThrow(Pair::notOwn);
      case "drain", "undrain" -> {
        HostedOrigin origin = origin(request.origin());
        String what = origin.name() + " is being " + request.command() + "ed";
        yield traffic.turn.now(what, () -> change(origin.name(), request.command()));
      }
      case "restart" -> restart(request.origin(), step);
      case "keep-secrets" -> {
        known.keep(request.secrets());
        yield noted(true);
      }
      case "edge-secret" -> {
        try {
          String value = request.secrets().getOrDefault(Source.GATEWAY_SECRET, "");
          edgeProgram.replaceSecret(Secret.of(value));
          yield noted(true);
        } catch (IOException e) {
          throw new PairException(Traffic.NO_ANSWER, e);
        }
      }
      case "releases" -> origin(request.origin()).releases();
      case "deploy" -> {
        Object begun = origin(request.origin()).deploy(request);
        prune();
        yield noted(begun);
      }
      case "restore" -> noted(origin(request.origin()).restore(request.release()));
      case "redeploy" -> noted(origin(request.origin()).redeploy());
      case "secrets" -> origin(request.origin()).secretNames();
      case "put-secrets" -> noted(origin(request.origin()).putSecrets(request.secrets()));
      default ->
          throw new PairException(
              Kind.REJECTED,
              "unknown command " + request.command(),
              "The pair may be of another build: start it anew");
    };
  }

  private Object change(String origin, String verb) throws PairException, InterruptedException {
    EdgeAdmin.View view = traffic.change(origin, verb);
    boolean _ = verb.equals("drain") ? drained.add(origin) : drained.remove(origin);
    return noted(merged(view));
  }

  /** Notes down what another supervisor needs, before anybody is told that it is so. */
  void note() throws PairException, InterruptedException {
    if (options.texts().isEmpty()) {
      return;
    }
    noting.acquire();
    try {
      PairRecord now =
          begun.with(
              known.all(),
              edgeProgram.gatewaySecret(),
              drained,
              origins.stream().map(HostedOrigin::record).toList());
      socket.remember(now.bytes());
    } catch (IOException e) {
      throw new PairException("another supervisor would not know it: " + e.getMessage(), e);
    } finally {
      noting.release();
    }
  }

  private Object noted(Object answer) throws PairException, InterruptedException {
    note();
    return answer;
  }

  private void noteReleases() {
    try {
      note();
    } catch (PairException e) {
      LOG.warn("A change of releases: {}", e.getMessage());
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  /** Starts the edge, or goes on with what is left of it. */
  List<Process> startEdge(List<Orphan> orphans) {
    List<Process> left = edgeProgram.adopt(orphans);
    edge.start(left);
    return left;
  }

  /** Brings to its end what a supervisor was about that has gone; the newest edge is the first. */
  void settle(List<Process> edges) throws InterruptedException {
    while (!edge.isReady()) {
      TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
    }
    for (Process older : edges.stream().skip(1).toList()) {
      edge.retire(older);
    }
    while (!isUndrained()) {
      TimeUnit.SECONDS.sleep(1);
    }
    origins.forEach(HostedOrigin::goOn);
  }

  /** Undrains what a rollout has drained, which drains it again; false: the edge did not answer. */
  private boolean isUndrained() throws InterruptedException {
    traffic.turn.take("another supervisor is taking the pair over");
    try {
      EdgeAdmin.View view = traffic.seen().orElse(null);
      if (view == null) {
        return false;
      }
      for (PairStatus.Origin origin : view.origins()) {
        if (origin.drained() && !drained.contains(origin.name())) {
          var _ = traffic.change(origin.name(), "undrain");
        }
      }
      return true;
    } catch (PairException e) {
      LOG.warn("An origin stays drained for now: {}", e.getMessage());
      return false;
    } finally {
      traffic.turn.giveBack();
    }
  }

  private static PairException notOwn() {
    return new PairException(
        Kind.NOT_FOUND, "the pair works on the database of DATABASE_URL, not its own", "");
  }

  private HostedOrigin origin(String name) throws PairException {
    return origins.stream()
        .filter(origin -> origin.name().equals(name))
        .findFirst()
        .orElseThrow(() -> unknown("origin", name, names()));
  }

  private List<String> names() {
    return origins.stream().map(HostedOrigin::name).toList();
  }

  private static PairException unknown(String kind, String name, List<String> names) {
    return new PairException(
        Kind.NOT_FOUND,
        "there is no %s \"%s\"; there are %s.%s"
            .formatted(kind, name, String.join(", ", names), Spelling.hint(name, names)),
        "");
  }

  private PairAccess access() {
    return new PairAccess(
        URI.create(edgeUrl),
        known.current(Source.GATEWAY_SECRET),
        known.current(Source.ADMIN_TOKEN),
        known.next(Source.GATEWAY_SECRET),
        known.next(Source.ADMIN_TOKEN),
        traffic.admin.socket().get(),
        begun.edgeAdminToken(),
        options.guard().admission());
  }

  private PairStatus restart(String name, Consumer<String> step)
      throws PairException, InterruptedException {
    if (name.equals(EDGE)) {
      traffic.turn.now(
          "the edge is being restarted",
          () -> {
            step.accept("Starting a new edge");
            Instant begun = Instant.now();
            edge.succeed(READY_LIMIT);
            events.add(
                Event.since(begun, "restart", Optional.empty(), "another edge has taken over"));
            return true;
          });
      return status();
    }
    List<String> programs = new ArrayList<>(List.of(EDGE));
    programs.addAll(names());
    if (!programs.contains(name)) {
      throw unknown("program", name, programs);
    }
    traffic.turn.check();
    origin(name).restart(step);
    return status();
  }

  /** Deletes releases that neither run nor have run here, but for the newest. */
  void prune() {
    Set<String> needed = new HashSet<>(Set.of(begun.edge().digest()));
    origins.forEach(origin -> needed.addAll(origin.digests()));
    try {
      releases.prune(needed);
    } catch (IOException e) {
      LOG.warn("Old releases stay: {}", e.toString());
    }
  }

  private PairStatus status() throws InterruptedException {
    return merged(traffic.seen().orElse(new EdgeAdmin.View(List.of(), List.of())));
  }

  private PairStatus merged(EdgeAdmin.View view) throws InterruptedException {
    List<PairStatus.Origin> merged = new ArrayList<>();
    for (HostedOrigin origin : origins) {
      String name = origin.name();
      PairStatus.Origin seen =
          view.origin(name)
              .orElse(new PairStatus.Origin(name, "", null, "unknown", false, null, null));
      merged.add(
          new PairStatus.Origin(
              name,
              origin.socket().toString(),
              origin.keeper.pid(),
              seen.state(),
              seen.active(),
              seen.release(),
              seen.lastFailure()));
    }
    return new PairStatus(
        new PairStatus.Edge(edgeUrl + EdgeConfig.MCP, edge.pid()),
        merged,
        new PairStatus.Database(database.shown()),
        problems(view),
        null);
  }

  private List<String> problems(EdgeAdmin.View view) throws InterruptedException {
    List<String> found = new ArrayList<>(List.of(edge.trouble()));
    view.problems().forEach(problem -> found.add("edge: " + problem));
    Secret secret = known.current(Source.GATEWAY_SECRET);
    Deadline deadline = Deadline.in(HEALTH_LIMIT, Time.system());
    Concurrently.each(origins, origin -> origin.problems(secret, deadline)).forEach(found::addAll);
    found.removeIf(String::isEmpty);
    return found;
  }
}
