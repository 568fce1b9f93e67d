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
import tools.jackson.databind.ObjectMapper;

/** An origin and an edge as the pair's own, on ports of their own, that no client knows of. */
final class Trainees {
  private final PairOptions options;
  private final Programs programs;

  Trainees(PairOptions options, Programs programs) {
    this.options = options;
    this.programs = programs;
  }

  /** The training of this pair's programs. */
  AotTraining training(Ports ports, Path logs, ObjectMapper json) throws PairException {
    int originPort = ports.next();
    int edgePort = ports.next();
    JvmProgram edge = edge(edgePort, ports.next(), originPort, json);
    return new AotTraining(
        new Trainee(origin(originPort), cache(programs.origins().getFirst())),
        new Trainee(edge, cache(programs.edge())),
        new Exercise(edge.client(), URI.create(ChildEnvironment.url(edgePort) + "/mcp")),
        logs);
  }

  private AotCache cache(JvmProgram program) throws PairException {
    return AotCache.of(DataFolder.cache(options.environment()), program.folder());
  }

  private JvmProgram origin(int port) {
    JvmProgram origin = programs.origins().getFirst();
    Map<String, String> environment = new HashMap<>(origin.environment());
    environment.put("PORT", Integer.toString(port));
    environment.put("INSTANCE", "training");
    environment.put("LOG_PREFIX", "[training]");
    // The connections of the database are for the pair.
    environment.put("DATABASE_POOL_SIZE", "1");
    return like(origin, "training-origin", environment, port);
  }

  private JvmProgram edge(int port, int adminPort, int originPort, ObjectMapper json) {
    Deployment whole = options.deployment();
    Deployment alone =
        new Deployment(
            whole.service(), List.of(whole.origins().getFirst()), whole.monitor(), whole.edge());
    PairOptions aloneOptions =
        new PairOptions(
            options.app(), options.data(), port, options.release(), alone, options.environment());
    Map<String, String> known = programs.edge().environment();
    Map<String, String> environment =
        ChildEnvironment.edge(
            aloneOptions,
            port,
            adminPort,
            List.of(originPort),
            known.getOrDefault("GATEWAY_SECRET", ""),
            known.getOrDefault("EDGE_ADMIN_TOKEN", ""),
            json);
    return like(programs.edge(), "training-edge", environment, port);
  }

  private static JvmProgram like(
      JvmProgram program, String name, Map<String, String> environment, int port) {
    return new JvmProgram(
        name,
        program.folder(),
        program.mainClass(),
        environment,
        URI.create(ChildEnvironment.url(port) + program.health().getPath()),
        program.stopLimit(),
        program.records(),
        List::of,
        program.client());
  }
}
