package com.mcpist.pair.supervisor;

import module java.base;

import com.mcpist.deploy.admin.AdminPath.Event;
import com.mcpist.deploy.config.Deployment;
import com.mcpist.deploy.config.Spelling;
import com.mcpist.deploy.platform.PlatformException.Kind;
import com.mcpist.deploy.release.Concurrently;
import com.mcpist.deploy.secret.Secret;
import com.mcpist.deploy.secrets.Source;
import com.mcpist.deploy.time.Deadline;
import com.mcpist.deploy.time.Time;
import com.mcpist.pair.control.ControlSocket.Request;
import com.mcpist.pair.control.PairStatus;
import com.mcpist.pair.control.PairStatus.PairAccess;
import com.mcpist.pair.data.DataFolder;
import com.mcpist.pair.data.PairException;
import com.mcpist.pair.data.Releases;
import com.mcpist.pair.data.Releases.Stored;
import com.mcpist.pair.database.DatabaseUrl;
import com.mcpist.pair.database.PairDatabase;
import com.mcpist.pair.process.Keeper;
import com.mcpist.pair.process.Ports;
import com.mcpist.pair.process.SharedSocket;
import com.mcpist.pair.supervisor.ChildEnvironment.EdgeValues;
import com.mcpist.pair.supervisor.HostedOrigin.OriginBlueprint;
import com.mcpist.pair.supervisor.ReleaseHistory.OriginRelease;
import java.net.http.HttpClient;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A pair's origins and edge, and what can be asked of them. Their ports stay the same. */
final class Pair {
  private static final Logger LOG = LoggerFactory.getLogger(Pair.class);

  /** What the edge is called where an origin's name could stand. */
  private static final String EDGE = "edge";

  private static final Duration READY_LIMIT = Duration.ofSeconds(60);

  /** The edge is gone by then, and with it every call. */
  private static final Duration ORIGIN_STOP = Duration.ofSeconds(10);

  private static final Duration TRAFFIC_LIMIT = Duration.ofSeconds(30);

  /** For what an origin tells of itself, which is left out where it hangs. */
  private static final Duration HEALTH_LIMIT = Duration.ofSeconds(1);

  private final PairOptions options;
  private final PairDatabase database;
  private final HttpClient client =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(1))
          .build();
  final String edgeUrl;

  /** What they run, copied: a build may change or go while the pair runs. */
  private final Releases releases;

  private final KnownSecrets known = new KnownSecrets();
  private final Secret edgeAdminToken = Secret.random();
  private final EdgeProgram edgeProgram;
  private final String edgeDigest;
  private final PairEvents events;
  final Keeper edge;
  final Traffic traffic;

  /** In the order in which the edge prefers them. */
  final List<HostedOrigin> origins = new ArrayList<>();

  /** Programs that do not run yet; the port is that of the edge, which accepts from the socket. */
  Pair(
      PairOptions options,
      DataFolder folder,
      PairDatabase database,
      int port,
      SharedSocket socket,
      Ports ports,
      Consumer<String> notices,
      PairEvents events)
      throws PairException {
    this.options = options;
    this.database = database;
    this.edgeUrl = ChildEnvironment.url(port);
    this.releases = new Releases(folder.path());
    Stored originBuild = releases.store(options.app().resolve("origin"));
    List<OriginBlueprint> blueprints = new ArrayList<>();
    List<Integer> originPorts = new ArrayList<>();
    for (int place = 0; place < options.deployment().origins().size(); place++) {
      int originPort = ports.next();
      OriginBlueprint blueprint = blueprint(originBuild, place, originPort);
      originPorts.add(options.links().toOrigin(blueprint.name(), originPort));
      blueprints.add(blueprint);
    }
    Secret gatewaySecret = known.current(Source.GATEWAY_SECRET);
    EdgeValues values =
        new EdgeValues(port, 0, originPorts, Set.of(), gatewaySecret, edgeAdminToken);
    Stored edgeBuild = releases.store(options.app().resolve(EDGE));
    this.edgeDigest = edgeBuild.digest();
    this.edgeProgram = new EdgeProgram(edgeBuild, client, options, values, socket, ports);
    this.edge = new Keeper(edgeProgram, folder.logs(), notices, events::died);
    this.traffic =
        new Traffic(edgeProgram.keptAdmin(edge::pid), edgeProgram::remember, TRAFFIC_LIMIT);
    for (OriginBlueprint blueprint : blueprints) {
      origins.add(new HostedOrigin(blueprint, releases, traffic, folder.logs(), notices, events));
    }
    this.events = events;
    Map<String, URI> urls = new LinkedHashMap<>();
    origins.forEach(origin -> urls.put(origin.name(), origin.url()));
    events.tell(urls, client, known);
  }

  private OriginBlueprint blueprint(Stored build, int place, int port) throws PairException {
    Deployment deployment = options.deployment();
    String name = deployment.origins().get(place).name();
    Map<String, String> released = ChildEnvironment.released(options, place, build.digest());
    Map<String, String> inherited = ChildEnvironment.inherited(options);
    Map<String, String> hosted = ChildEnvironment.hosted(port, reachedDatabase(name), known);
    return new OriginBlueprint(
        name,
        OriginRelease.of(build, released, Map.of()),
        inherited,
        hosted,
        ChildEnvironment.secrets(deployment, inherited, hosted),
        URI.create(ChildEnvironment.url(port)),
        deployment.monitor().path(),
        READY_LIMIT,
        ORIGIN_STOP,
        DataFolder.cache(options.data(), options.environment()),
        client);
  }

  private Map<String, String> reachedDatabase(String origin) throws PairException {
    Map<String, String> reached = new TreeMap<>(database.environment());
    PairAccess.OwnDatabase own = database.own().orElse(null);
    if (own != null) {
      int listens = new DatabaseUrl(own.url().reveal()).port();
      int port = options.links().toDatabase(origin, listens);
      for (String name : List.of("DATABASE_URL", "MIGRATION_DATABASE_URL")) {
        reached.computeIfPresent(name, (_, url) -> new DatabaseUrl(url).withPort(port).full());
      }
    }
    return reached;
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
        yield traffic.turn.now(
            what, () -> merged(traffic.change(origin.name(), request.command())));
      }
      case "restart" -> restart(request.origin(), step);
      case "keep-secrets" -> {
        known.keep(request.secrets());
        yield true;
      }
      case "edge-secret" -> {
        try {
          String value = request.secrets().getOrDefault(Source.GATEWAY_SECRET, "");
          edgeProgram.replaceSecret(Secret.of(value));
          yield true;
        } catch (IOException e) {
          throw new PairException(Traffic.NO_ANSWER, e);
        }
      }
      case "releases" -> origin(request.origin()).releases();
      case "deploy" -> {
        Object begun = origin(request.origin()).deploy(request);
        prune();
        yield begun;
      }
      case "restore" -> origin(request.origin()).restore(request.release());
      case "redeploy" -> origin(request.origin()).redeploy();
      case "secrets" -> origin(request.origin()).secretNames();
      case "put-secrets" -> origin(request.origin()).putSecrets(request.secrets());
      default ->
          throw new PairException(
              Kind.REJECTED,
              "unknown command " + request.command(),
              "The pair may be of another build: start it anew");
    };
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
        traffic.admin.base().get(),
        edgeAdminToken,
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
    Set<String> needed = new HashSet<>(Set.of(edgeDigest));
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
              origin.url().toString(),
              origin.keeper.pid(),
              seen.state(),
              seen.active(),
              seen.release(),
              seen.lastFailure()));
    }
    return new PairStatus(
        new PairStatus.Edge(edgeUrl, edge.pid()),
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
