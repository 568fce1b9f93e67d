package com.mcpist.pair.supervisor;

import com.mcpist.deploy.secrets.SecretNames;
import com.mcpist.pair.data.DataFolder;
import com.mcpist.pair.data.PairException;
import com.mcpist.pair.data.Releases;
import com.mcpist.pair.data.Releases.Stored;
import com.mcpist.pair.database.DatabaseUrl;
import com.mcpist.pair.database.PairDatabase;
import com.mcpist.pair.process.ClassArchive;
import com.mcpist.pair.process.JvmProgram;
import com.mcpist.pair.process.Ports;
import com.mcpist.pair.process.SharedSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * The origins and the edge of a pair: their ports are chosen once and stay, however often a program
 * is started again.
 *
 * @param edgeDigest of the edge's folder
 */
record Programs(List<First> origins, EdgeProgram edge, String edgeDigest) {
  /** The edge waits for calls in flight, which may be 25 s long. */
  private static final Duration EDGE_STOP = Duration.ofSeconds(30);

  private static final Duration ORIGIN_READY = Duration.ofSeconds(60);

  /** The edge is gone by then, and with it every call. */
  private static final Duration ORIGIN_STOP = Duration.ofSeconds(10);

  /** An origin, and what it runs to begin with. */
  record First(OriginBlueprint blueprint, OriginRelease release) {}

  /**
   * What all of them share.
   *
   * @param releases what they run, copied: a build may change or go while the pair runs
   */
  record Common(
      PairOptions options,
      Releases releases,
      PairDatabase database,
      KnownSecrets secrets,
      String edgeAdminToken,
      HttpClient client) {
    Path cache() {
      return DataFolder.cache(options.environment());
    }

    Stored stored(String program) throws PairException {
      return releases.store(options.app().resolve(program));
    }
  }

  /**
   * Chooses their ports.
   *
   * @param port the edge's
   * @param socket that the edge accepts from
   * @throws PairException where there is no port, no program, or nothing to put between them
   */
  static Programs of(Common common, int port, SharedSocket socket, Ports ports)
      throws PairException {
    PairOptions options = common.options();
    Stored origin = common.stored("origin");
    List<First> origins = new ArrayList<>();
    List<Integer> originPorts = new ArrayList<>();
    for (int place = 0; place < options.deployment().origins().size(); place++) {
      int originPort = ports.next();
      OriginBlueprint blueprint = blueprint(common, place, originPort);
      originPorts.add(options.links().toOrigin(blueprint.name(), originPort));
      Map<String, String> env = ChildEnvironment.released(options, place, origin.digest());
      origins.add(new First(blueprint, OriginRelease.of(origin, env, Map.of())));
    }
    ChildEnvironment.EdgeValues values =
        new ChildEnvironment.EdgeValues(
            port,
            0,
            originPorts,
            Set.of(),
            common.secrets().current(SecretNames.GATEWAY_SECRET).reveal(),
            common.edgeAdminToken());
    Stored edge = common.stored("edge");
    return new Programs(
        List.copyOf(origins),
        new EdgeProgram(edge(common, edge, port), options, values, socket, ports),
        edge.digest());
  }

  private static OriginBlueprint blueprint(Common common, int place, int port)
      throws PairException {
    PairOptions options = common.options();
    String name = options.deployment().origins().get(place).name();
    Map<String, String> inherited = ChildEnvironment.inherited(options);
    Map<String, String> hosted =
        ChildEnvironment.hosted(port, reached(options, name, common.database()), common.secrets());
    return new OriginBlueprint(
        name,
        inherited,
        hosted,
        ChildEnvironment.secrets(inherited, hosted),
        URI.create(ChildEnvironment.url(port)),
        options.deployment().monitor().path(),
        ORIGIN_READY,
        ORIGIN_STOP,
        common.cache(),
        common.client());
  }

  /** Its environment is another one at each start. */
  private static JvmProgram edge(Common common, Stored edge, int port) {
    return new JvmProgram(
        "edge",
        edge.folder(),
        "com.mcpist.edge.Main",
        ClassArchive.of(common.cache(), edge.digest()),
        Map.of(),
        URI.create(ChildEnvironment.url(port) + "/health"),
        EDGE_STOP,
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
}
