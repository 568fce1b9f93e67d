package com.mcpist.pair.supervisor;

import com.mcpist.deploy.secret.Secret;
import com.mcpist.pair.data.PairException;
import com.mcpist.pair.process.JvmProgram;
import com.mcpist.pair.process.Ports;
import com.mcpist.pair.process.Program;
import com.mcpist.pair.process.SharedSocket;
import com.mcpist.pair.supervisor.ChildEnvironment.EdgeValues;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The edge. While it is restarted there are two, which accept from one socket; each has an admin
 * listener of its own, and a new one is told which origins are drained.
 */
final class EdgeProgram implements Program {
  private final JvmProgram program;
  private final PairOptions options;
  private final EdgeValues values;
  private final SharedSocket socket;
  private final Ports ports;
  private final Set<String> drained = ConcurrentHashMap.newKeySet();
  private final ConcurrentMap<Long, Started> started = new ConcurrentHashMap<>();
  private volatile String gatewaySecret;

  /** Where the last one that was started has its admin listener. */
  private volatile URI last = URI.create(ChildEnvironment.url(0));

  /**
   * A process.
   *
   * @param secret what it was started with
   */
  private record Started(EdgeAdmin admin, String secret) {}

  /**
   * An edge that does not run yet.
   *
   * @param values of any process, with a first gateway secret
   */
  EdgeProgram(
      JvmProgram program,
      PairOptions options,
      EdgeValues values,
      SharedSocket socket,
      Ports ports) {
    this.program = program;
    this.options = options;
    this.values = values;
    this.gatewaySecret = values.gatewaySecret();
    this.socket = socket;
    this.ports = ports;
  }

  @Override
  public String name() {
    return program.name();
  }

  @Override
  public Process launch() throws IOException {
    int port;
    try {
      port = ports.next();
    } catch (PairException e) {
      throw new IOException(e.getMessage(), e);
    }
    String secret = gatewaySecret;
    EdgeValues now = values.of(port, Set.copyOf(drained), secret);
    Process process = program.launch(ChildEnvironment.edge(options, now), socket::start);
    URI address = URI.create(ChildEnvironment.url(port));
    last = address;
    started.put(process.pid(), new Started(admin(() -> address), secret));
    var _ = process.onExit().thenRun(() -> started.remove(process.pid()));
    return process;
  }

  /** Ready is an edge that accepts and knows an origin: the socket alone would not tell which. */
  @Override
  public boolean isReady(Process process) throws InterruptedException {
    Started known = started.get(process.pid());
    if (known == null) {
      return false;
    }
    try {
      if (!known.secret().equals(gatewaySecret)) { // It was replaced while this one was started.
        known.admin().replaceSecret(gatewaySecret);
      }
      return known.admin().status().anyActive();
    } catch (IOException _) {
      return false;
    }
  }

  @Override
  public void requestStop(Process process) {
    program.requestStop(process);
  }

  @Override
  public void retire(Process process) throws IOException, InterruptedException {
    Started known = started.get(process.pid());
    if (known != null) {
      known.admin().retire();
    }
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
    for (Map.Entry<Long, Started> edge : started.entrySet()) {
      try {
        edge.getValue().admin().replaceSecret(value);
      } catch (IOException e) {
        if (started.containsKey(edge.getKey())) { // One that has ended shows nobody anything.
          throw e;
        }
      }
    }
  }

  /**
   * The admin listener of the edge that is kept.
   *
   * @param pid its process; null where none runs
   */
  EdgeAdmin keptAdmin(Supplier<@Nullable Long> pid) {
    return admin(
        () -> {
          Long kept = pid.get();
          Started known = kept == null ? null : started.get(kept);
          return known == null ? last : known.admin().url();
        });
  }

  private EdgeAdmin admin(Supplier<URI> address) {
    return new EdgeAdmin(program.client(), address, Secret.of(values.adminToken()));
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
