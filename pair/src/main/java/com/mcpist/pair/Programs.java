package com.mcpist.pair;

import com.mcpist.deploy.config.LocalRollout;
import com.mcpist.deploy.image.ImageReference;
import com.mcpist.pair.data.DataFolder;
import com.mcpist.pair.data.PairException;
import com.mcpist.pair.database.DatabaseUrl;
import com.mcpist.pair.process.JvmProgram;
import com.mcpist.pair.process.Ports;
import com.mcpist.pair.process.SharedSocket;
import com.mcpist.pair.rollout.HostedOrigin;
import com.mcpist.pair.rollout.OriginBlueprint;
import com.mcpist.pair.rollout.OriginRelease;
import com.mcpist.pair.startup.AotCache;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.ObjectMapper;

/**
 * The origins and the edge of a pair: their ports are chosen once and stay, however often a program
 * is started again.
 */
record Programs(List<First> origins, EdgeProgram edge) {
  private static final Logger LOG = LoggerFactory.getLogger(Programs.class);

  /** The edge waits for calls in flight, which may be 25 s long. */
  private static final Duration EDGE_STOP = Duration.ofSeconds(30);

  /**
   * One that runs, one that is started, one that retires, and one that retired before it and is
   * finishing its last calls. Whoever restarts faster than calls end is told that no port is free.
   */
  private static final int EDGES = 4;

  /** The edge is gone by then, and with it every call. */
  private static final Duration ORIGIN_STOP = Duration.ofSeconds(10);

  /** An origin, and what it runs to begin with. */
  record First(OriginBlueprint blueprint, OriginRelease release) {}

  /**
   * What all of them share.
   *
   * @param records the folder where processes are on record
   */
  record Common(
      PairOptions options,
      Path records,
      PairDatabase database,
      Secrets secrets,
      HttpClient client,
      ObjectMapper json) {}

  /**
   * Chooses their ports.
   *
   * @param port the edge's
   * @param socket that the edge accepts from; null: it listens by itself
   * @param build the image that the build's origin is
   * @throws PairException where there is no port, no program, or nothing to put between them
   */
  static Programs of(
      Common common, int port, @Nullable SharedSocket socket, Ports ports, ImageReference build)
      throws PairException {
    PairOptions options = common.options();
    List<First> origins = new ArrayList<>();
    List<Integer> originPorts = new ArrayList<>();
    for (int place = 0; place < options.deployment().origins().size(); place++) {
      int originPort = ports.next();
      OriginBlueprint blueprint = blueprint(common, place, originPort);
      originPorts.add(options.links().toOrigin(blueprint.name(), originPort));
      Map<String, String> env =
          ChildEnvironment.released(options, place, build.digest().orElseThrow());
      OriginRelease release =
          new OriginRelease(HostedOrigin.id(), build, originFolder(options), env, Instant.now());
      origins.add(new First(blueprint, release));
    }
    Secrets secrets = common.secrets();
    ChildEnvironment.EdgeValues values =
        new ChildEnvironment.EdgeValues(
            port, 0, originPorts, Set.of(), secrets.gateway(), secrets.edgeAdmin(), "true");
    EdgeProgram edge =
        new EdgeProgram(edge(common, port), options, values, socket, admins(ports), common.json());
    return new Programs(List.copyOf(origins), edge);
  }

  private static OriginBlueprint blueprint(Common common, int place, int port)
      throws PairException {
    PairOptions options = common.options();
    String name = options.deployment().origins().get(place).name();
    boolean overlaps = options.deployment().localRollout(place) == LocalRollout.OVERLAP;
    boolean shared = overlaps && Ports.canBeShared();
    if (overlaps && !shared) {
      LOG.warn("this system cannot share a port: {} is rolled out in place", name);
    }
    Map<String, String> inherited = ChildEnvironment.inherited(options);
    Map<String, String> hosted =
        ChildEnvironment.hosted(
            port, reached(options, name, common.database()), common.secrets(), shared);
    return new OriginBlueprint(
        name,
        inherited,
        hosted,
        ChildEnvironment.secrets(inherited, hosted),
        URI.create(ChildEnvironment.url(port)),
        options.deployment().monitor().path(),
        shared,
        ORIGIN_STOP,
        common.records(),
        DataFolder.cache(options.environment()),
        common.client());
  }

  private static List<Integer> admins(Ports ports) throws PairException {
    List<Integer> admins = new ArrayList<>();
    for (int i = 0; i < EDGES; i++) {
      admins.add(ports.next());
    }
    return admins;
  }

  /** Its environment is another one at each start. */
  private static JvmProgram edge(Common common, int port) throws PairException {
    Path edgeApp = app(common.options(), "edge");
    return new JvmProgram(
        "edge",
        edgeApp,
        "com.mcpist.edge.Main",
        Map.of(),
        URI.create(ChildEnvironment.url(port) + "/health"),
        EDGE_STOP,
        common.records(),
        AotCache.of(DataFolder.cache(common.options().environment()), "edge", edgeApp)::flags,
        common.client());
  }

  /** The database, as one origin reaches it. */
  private static Map<String, String> reached(
      PairOptions options, String origin, PairDatabase database) throws PairException {
    Map<String, String> reached = new TreeMap<>(database.environment());
    if (database.own().isPresent()) {
      int port =
          options.links().toDatabase(origin, new DatabaseUrl(database.own().get().url()).port());
      for (String name : List.of("DATABASE_URL", "MIGRATION_DATABASE_URL")) {
        reached.computeIfPresent(name, (_, url) -> new DatabaseUrl(url).withPort(port).full());
      }
    }
    return reached;
  }

  /** The folder of the build's origin. */
  static Path originFolder(PairOptions options) throws PairException {
    return app(options, "origin").toAbsolutePath().normalize();
  }

  private static Path app(PairOptions options, String program) throws PairException {
    Path folder = options.app().resolve(program);
    if (!Files.isDirectory(folder)) {
      throw new PairException(
          "the program is not whole: " + folder + " is absent. Build it: ./mvnw package");
    }
    return folder;
  }
}
