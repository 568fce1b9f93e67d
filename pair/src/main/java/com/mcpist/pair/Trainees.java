package com.mcpist.pair;

import com.mcpist.deploy.config.Deployment;
import com.mcpist.pair.data.DataFolder;
import com.mcpist.pair.data.PairException;
import com.mcpist.pair.process.JvmProgram;
import com.mcpist.pair.process.Ports;
import com.mcpist.pair.startup.AotCache;
import com.mcpist.pair.startup.AotTraining;
import com.mcpist.pair.startup.AotTraining.Trainee;
import com.mcpist.pair.startup.Exercise;
import java.net.URI;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** An origin and an edge as the pair's own, on ports of their own, that no client knows of. */
final class Trainees {
  private final PairOptions options;
  private final Programs programs;

  Trainees(PairOptions options, Programs programs) {
    this.options = options;
    this.programs = programs;
  }

  /** The training of this pair's programs. */
  AotTraining training(Ports ports, Path logs) throws PairException {
    int originPort = ports.next();
    int edgePort = ports.next();
    JvmProgram edge =
        programs.edge().apart("training-edge", alone(edgePort), ports.next(), originPort);
    return new AotTraining(
        new Trainee(origin(originPort), cache(programs.origins().getFirst().folder())),
        new Trainee(edge, cache(programs.edge().folder())),
        new Exercise(edge.client(), URI.create(ChildEnvironment.url(edgePort) + "/mcp")),
        logs);
  }

  private AotCache cache(Path program) throws PairException {
    return AotCache.of(DataFolder.cache(options.environment()), program);
  }

  private JvmProgram origin(int port) {
    JvmProgram origin = programs.origins().getFirst();
    Map<String, String> environment = new HashMap<>(origin.environment());
    environment.put("PORT", Integer.toString(port));
    environment.put("INSTANCE", "training");
    environment.put("LOG_PREFIX", "[training]");
    // The connections of the database are for the pair.
    environment.put("DATABASE_POOL_SIZE", "1");
    return new JvmProgram(
        "training-origin",
        origin.folder(),
        origin.mainClass(),
        environment,
        URI.create(ChildEnvironment.url(port) + origin.health().getPath()),
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
        options.environment(),
        Links.DIRECT);
  }
}
