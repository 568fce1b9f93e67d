package com.mcpist.pair;

import com.mcpist.deploy.config.Deployment;
import com.mcpist.deploy.edge.EdgeConfig;
import com.mcpist.deploy.edge.Guard;
import com.mcpist.deploy.keys.ApiKey;
import com.mcpist.pair.data.DataFolder;
import com.mcpist.pair.data.PairException;
import com.mcpist.pair.process.JvmProgram;
import com.mcpist.pair.process.Ports;
import com.mcpist.pair.rollout.OriginRelease;
import com.mcpist.pair.startup.AotCache;
import com.mcpist.pair.startup.AotTraining;
import com.mcpist.pair.startup.AotTraining.Trainee;
import com.mcpist.pair.startup.Exercise;
import com.mcpist.pair.startup.Exercise.Way;
import java.net.URI;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** An origin and an edge as the pair's own, on ports of their own, that no client knows of. */
final class Trainees {
  private final PairOptions options;
  private final Programs programs;
  private final Path logs;
  private final int originPort;
  private final int edgePort;
  private final int adminPort;

  /**
   * Chooses their ports.
   *
   * @param logs the folder of their log files
   */
  Trainees(PairOptions options, Programs programs, Ports ports, Path logs) throws PairException {
    this.options = options;
    this.programs = programs;
    this.logs = logs;
    this.originPort = ports.next();
    this.edgePort = ports.next();
    this.adminPort = ports.next();
  }

  /** The training of this pair's programs, with that release of the origin; one at a time. */
  AotTraining training(OriginRelease release) throws PairException {
    JvmProgram edge =
        programs.edge().apart("training-edge", alone(edgePort), adminPort, originPort);
    JvmProgram origin = origin(release);
    return new AotTraining(
        new Trainee(origin, cache("origin", release.folder())),
        new Trainee(edge, cache("edge", programs.edge().folder())),
        new Exercise(edge.client(), ways(origin)),
        logs);
  }

  /**
   * Where the pair's clients are asked who they are, the training's are too: nobody has a door of
   * his own while it lasts. What goes through the edge then is a key that nobody has made, and what
   * an origin does for those who are let in it is asked by whoever has its secret.
   */
  private List<Way> ways(JvmProgram origin) {
    URI edge = URI.create(ChildEnvironment.url(edgePort) + EdgeConfig.MCP);
    if (options.guard().isOpen()) {
      return List.of(new Way(edge, Map.of()));
    }
    String unknown = "Bearer " + ApiKey.create().secret().reveal();
    String secret = origin.environment().getOrDefault("GATEWAY_SECRET", "");
    return List.of(
        new Way(edge, Map.of("Authorization", unknown)),
        new Way(
            URI.create(ChildEnvironment.url(originPort) + EdgeConfig.MCP),
            Map.of("X-Gateway-Secret", secret, "X-User-Id", "local")));
  }

  private AotCache cache(String program, Path build) throws PairException {
    return AotCache.of(DataFolder.cache(options.environment()), program, build);
  }

  private JvmProgram origin(OriginRelease release) throws PairException {
    JvmProgram origin = programs.origins().getFirst().blueprint().program(release);
    Map<String, String> environment = new HashMap<>(origin.environment());
    environment.put("PORT", Integer.toString(originPort));
    environment.put("INSTANCE", "training");
    environment.put("LOG_PREFIX", "[training]");
    // The connections of the database are for the pair.
    environment.put("DATABASE_POOL_SIZE", "1");
    return new JvmProgram(
        "training-origin",
        origin.folder(),
        origin.mainClass(),
        environment,
        URI.create(ChildEnvironment.url(originPort) + origin.health().getPath()),
        origin.stopLimit(),
        origin.records(),
        List::of,
        origin.client());
  }

  /** The pair with its first origin only, and an edge on another port. */
  private PairOptions alone(int edgePort) {
    Deployment whole = options.deployment();
    return new PairOptions(
        options.app(),
        options.data(),
        edgePort,
        options.release(),
        whole.withOrigins(List.of(whole.origins().getFirst())),
        options.guard().isOpen() ? Guard.OPEN : Guard.KEYS,
        options.environment(),
        Links.DIRECT);
  }
}
