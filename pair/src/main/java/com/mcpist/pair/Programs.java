package com.mcpist.pair;

import com.mcpist.pair.data.DataFolder;
import com.mcpist.pair.data.PairException;
import com.mcpist.pair.process.JvmProgram;
import com.mcpist.pair.process.Ports;
import com.mcpist.pair.startup.AotCache;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.ObjectMapper;

/**
 * The origins and the edge of a pair: their ports are chosen once and stay, however often a program
 * is started again.
 */
record Programs(List<JvmProgram> origins, JvmProgram edge, URI edgeAdmin) {
  /** The edge waits for calls in flight, which may be 25 s long. */
  private static final Duration EDGE_STOP = Duration.ofSeconds(30);

  /** The edge is gone by then, and with it every call. */
  private static final Duration ORIGIN_STOP = Duration.ofSeconds(10);

  static Programs of(
      PairOptions options,
      Path records,
      int port,
      Ports ports,
      Map<String, String> database,
      Secrets secrets,
      HttpClient client,
      ObjectMapper json)
      throws PairException {
    Path originApp = app(options, "origin");
    Path edgeApp = app(options, "edge");
    Path cache = DataFolder.cache(options.environment());
    AotCache originCache = AotCache.of(cache, originApp);
    AotCache edgeCache = AotCache.of(cache, edgeApp);
    List<JvmProgram> origins = new ArrayList<>();
    List<Integer> originPorts = new ArrayList<>();
    for (int i = 0; i < options.deployment().origins().size(); i++) {
      int originPort = ports.next();
      originPorts.add(originPort);
      origins.add(
          new JvmProgram(
              options.deployment().origins().get(i).name(),
              originApp,
              "com.mcpist.origin.Main",
              ChildEnvironment.origin(options, i, originPort, database, secrets.gateway()),
              URI.create(ChildEnvironment.url(originPort) + options.deployment().monitor().path()),
              ORIGIN_STOP,
              records,
              originCache::flags,
              client));
    }
    int adminPort = ports.next();
    JvmProgram edge =
        new JvmProgram(
            "edge",
            edgeApp,
            "com.mcpist.edge.Main",
            ChildEnvironment.edge(
                options,
                port,
                adminPort,
                originPorts,
                secrets.gateway(),
                secrets.edgeAdmin(),
                json),
            URI.create(ChildEnvironment.url(port) + "/health"),
            EDGE_STOP,
            records,
            edgeCache::flags,
            client);
    return new Programs(List.copyOf(origins), edge, URI.create(ChildEnvironment.url(adminPort)));
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
