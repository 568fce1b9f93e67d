package com.mcpist.pair;

import com.mcpist.pair.data.DataFolder;
import com.mcpist.pair.data.PairException;
import com.mcpist.pair.database.DatabaseUrl;
import com.mcpist.pair.process.JvmProgram;
import com.mcpist.pair.process.Ports;
import com.mcpist.pair.process.SharedSocket;
import com.mcpist.pair.startup.AotCache;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.ObjectMapper;

/**
 * The origins and the edge of a pair: their ports are chosen once and stay, however often a program
 * is started again.
 */
record Programs(List<JvmProgram> origins, EdgeProgram edge) {
  /** The edge waits for calls in flight, which may be 25 s long. */
  private static final Duration EDGE_STOP = Duration.ofSeconds(30);

  /**
   * One that runs, one that is started, one that retires, and one that retired before it and is
   * finishing its last calls. Whoever restarts faster than calls end is told that no port is free.
   */
  private static final int EDGES = 4;

  /** The edge is gone by then, and with it every call. */
  private static final Duration ORIGIN_STOP = Duration.ofSeconds(10);

  /**
   * Chooses their ports.
   *
   * @throws PairException where there is no port, no program, or nothing to put between them
   */
  static Programs of(
      PairOptions options,
      Path records,
      int port,
      @Nullable SharedSocket socket,
      Ports ports,
      PairDatabase database,
      Secrets secrets,
      HttpClient client,
      ObjectMapper json)
      throws PairException {
    List<JvmProgram> origins = new ArrayList<>();
    List<Integer> originPorts = new ArrayList<>();
    for (int i = 0; i < options.deployment().origins().size(); i++) {
      int originPort = ports.next();
      String name = options.deployment().origins().get(i).name();
      originPorts.add(options.links().toOrigin(name, originPort));
      Map<String, String> environment =
          ChildEnvironment.origin(
              options, i, originPort, reached(options, name, database), secrets.gateway());
      origins.add(origin(options, name, originPort, environment, records, client));
    }
    ChildEnvironment.EdgeValues values =
        new ChildEnvironment.EdgeValues(
            port, 0, originPorts, Set.of(), secrets.gateway(), secrets.edgeAdmin(), "true");
    EdgeProgram edge =
        new EdgeProgram(
            edge(options, port, records, client), options, values, socket, admins(ports), json);
    return new Programs(List.copyOf(origins), edge);
  }

  private static List<Integer> admins(Ports ports) throws PairException {
    List<Integer> admins = new ArrayList<>();
    for (int i = 0; i < EDGES; i++) {
      admins.add(ports.next());
    }
    return admins;
  }

  /** Its environment is another one at each start. */
  private static JvmProgram edge(PairOptions options, int port, Path records, HttpClient client)
      throws PairException {
    Path edgeApp = app(options, "edge");
    return new JvmProgram(
        "edge",
        edgeApp,
        "com.mcpist.edge.Main",
        Map.of(),
        URI.create(ChildEnvironment.url(port) + "/health"),
        EDGE_STOP,
        records,
        cache(options, edgeApp)::flags,
        client);
  }

  private static JvmProgram origin(
      PairOptions options,
      String name,
      int port,
      Map<String, String> environment,
      Path records,
      HttpClient client)
      throws PairException {
    Path originApp = app(options, "origin");
    return new JvmProgram(
        name,
        originApp,
        "com.mcpist.origin.Main",
        environment,
        URI.create(ChildEnvironment.url(port) + options.deployment().monitor().path()),
        ORIGIN_STOP,
        records,
        cache(options, originApp)::flags,
        client);
  }

  private static AotCache cache(PairOptions options, Path program) throws PairException {
    return AotCache.of(DataFolder.cache(options.environment()), program);
  }

  /** The database, as one origin reaches it. */
  private static Map<String, String> reached(
      PairOptions options, String origin, PairDatabase database) throws PairException {
    Map<String, String> reached = new TreeMap<>(database.environment());
    if (database.own().isPresent()) {
      DatabaseUrl url = new DatabaseUrl(database.own().get().url());
      int port = options.links().toDatabase(origin, url.port());
      reached.put("DATABASE_URL", url.withPort(port).full());
    }
    return reached;
  }

  private static Path app(PairOptions options, String program) throws PairException {
    Path folder = options.app().resolve(program);
    if (!Files.isDirectory(folder)) {
      throw new PairException(
          "the program is not whole: " + folder + " is absent. Build it: ./mvnw package");
    }
    return folder;
  }

  /** The address of an origin. */
  static String url(JvmProgram origin) {
    return ChildEnvironment.url(origin.health().getPort());
  }
}
