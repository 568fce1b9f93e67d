package com.mcpist.pair;

import com.mcpist.deploy.config.Admission;
import com.mcpist.pair.ChildEnvironment.EdgeValues;
import com.mcpist.pair.process.JvmProgram;
import com.mcpist.pair.process.Keeper;
import com.mcpist.pair.process.Ports;
import com.mcpist.pair.process.Program;
import com.mcpist.pair.process.SharedSocket;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.ObjectMapper;

/**
 * The edge. While it is restarted there are two, which accept from one socket; each has an admin
 * listener of its own, and a new one is told which origins are drained.
 */
final class EdgeProgram implements Program {
  private final JvmProgram program;
  private final PairOptions options;
  private final EdgeValues values;
  private final @Nullable SharedSocket socket;
  private final List<Integer> adminPorts;
  private final ObjectMapper json;
  private volatile String gatewaySecret;
  private final Set<String> drained = ConcurrentHashMap.newKeySet();
  private final ConcurrentMap<Long, URI> admins = new ConcurrentHashMap<>();

  /**
   * An edge that does not run yet.
   *
   * @param values with any admin port: each process gets one of adminPorts that is free
   * @param socket null where none can be handed on: the edge listens by itself then
   * @param adminPorts as many as there may be edges at once
   */
  EdgeProgram(
      JvmProgram program,
      PairOptions options,
      EdgeValues values,
      @Nullable SharedSocket socket,
      List<Integer> adminPorts,
      ObjectMapper json) {
    this.program = program;
    this.options = options;
    this.values = values;
    this.gatewaySecret = values.gatewaySecret();
    this.socket = socket;
    this.adminPorts = List.copyOf(adminPorts);
    this.json = json;
  }

  @Override
  public String name() {
    return program.name();
  }

  @Override
  public Process launch() throws IOException {
    int adminPort = freeAdminPort();
    SharedSocket shared = socket;
    EdgeValues now =
        new EdgeValues(
            values.port(),
            adminPort,
            values.originPorts(),
            Set.copyOf(drained),
            gatewaySecret,
            values.adminToken(),
            // Where standard input is the socket it cannot tell that this process has gone.
            shared == null ? "true" : Long.toString(ProcessHandle.current().pid()));
    Map<String, String> environment = ChildEnvironment.edge(options, now, json);
    Process process =
        program.launch(environment, shared == null ? ProcessBuilder::start : shared::start);
    admins.put(process.pid(), URI.create(ChildEnvironment.url(adminPort)));
    var _ = process.onExit().thenRun(() -> admins.remove(process.pid()));
    return process;
  }

  private int freeAdminPort() throws IOException {
    return adminPorts.stream()
        .filter(Ports::isFree)
        .findFirst()
        .orElseThrow(() -> new IOException("its admin ports " + adminPorts + " are all taken"));
  }

  /** Ready is an edge that accepts and knows an origin: the socket alone would not tell which. */
  @Override
  public boolean isReady(Process process) throws InterruptedException {
    try {
      return admin(process).status().anyActive();
    } catch (IOException _) {
      return false;
    }
  }

  @Override
  public void requestStop(Process process) {
    program.requestStop(process);
  }

  @Override
  public boolean overlaps() {
    return socket != null;
  }

  @Override
  public void retire(Process process) throws IOException, InterruptedException {
    admin(process).retire();
  }

  @Override
  public Duration stopLimit() {
    return program.stopLimit();
  }

  /**
   * Gives all edges that run another gateway secret, and those that are started from now on.
   *
   * @throws IOException where one does not take it: the same may be done again
   */
  void replaceSecret(String value) throws IOException, InterruptedException {
    gatewaySecret = value; // First: one that is being started must not come with the old one.
    for (Map.Entry<Long, URI> edge : admins.entrySet()) {
      try {
        new EdgeAdmin(program.client(), json, edge::getValue, values.adminToken())
            .replaceSecret(value);
      } catch (IOException e) {
        if (admins.containsKey(edge.getKey())) { // One that has ended shows nobody anything.
          throw e;
        }
      }
    }
  }

  /** What it lets clients in for. */
  Admission admission() {
    return options.guard().admission();
  }

  /** The folder of its jars. */
  Path folder() {
    return program.folder();
  }

  /**
   * One like it that listens by itself, for something else than the pair's clients.
   *
   * @param own with one origin
   */
  JvmProgram apart(String name, PairOptions own, int adminPort, int originPort) {
    EdgeValues apart =
        new EdgeValues(
            own.port(),
            adminPort,
            List.of(originPort),
            Set.of(),
            gatewaySecret,
            values.adminToken(),
            "true");
    return new JvmProgram(
        name,
        program.folder(),
        program.mainClass(),
        ChildEnvironment.edge(own, apart, json),
        URI.create(ChildEnvironment.url(own.port()) + program.health().getPath()),
        program.stopLimit(),
        program.records(),
        List::of,
        program.client());
  }

  private EdgeAdmin admin(Process process) {
    return new EdgeAdmin(program.client(), json, () -> address(process.pid()), values.adminToken());
  }

  /** The admin listener of whichever edge runs. */
  EdgeAdmin admin(Keeper keeper) {
    return new EdgeAdmin(
        program.client(), json, () -> address(keeper.pid().orElse(0)), values.adminToken());
  }

  /** Where nothing runs, an address that nobody answers at. */
  private URI address(long pid) {
    URI known = admins.get(pid);
    return known == null ? URI.create(ChildEnvironment.url(adminPorts.getFirst())) : known;
  }

  /** What the next edge is to know. */
  void remember(EdgeAdmin.View view) {
    for (EdgeAdmin.Seen origin : view.origins()) {
      if (origin.state().equals("drained")) {
        drained.add(origin.name());
      } else {
        drained.remove(origin.name());
      }
    }
  }
}
