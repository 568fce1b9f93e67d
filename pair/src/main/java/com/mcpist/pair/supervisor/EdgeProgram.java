package com.mcpist.pair.supervisor;

import module java.base;

import com.mcpist.deploy.secret.Secret;
import com.mcpist.pair.control.PairStatus;
import com.mcpist.pair.data.DataFolder;
import com.mcpist.pair.data.PairException;
import com.mcpist.pair.data.Releases.Stored;
import com.mcpist.pair.process.JvmProgram;
import com.mcpist.pair.process.JvmProgram.ClassArchive;
import com.mcpist.pair.process.Keeper.Program;
import com.mcpist.pair.process.Keeper.Sign;
import com.mcpist.pair.process.Ports;
import com.mcpist.pair.process.SharedSocket;
import com.mcpist.pair.supervisor.ChildEnvironment.EdgeValues;
import java.net.http.HttpClient;
import org.jspecify.annotations.Nullable;

/** The edge. While it restarts two accept from one socket, each with its admin listener. */
final class EdgeProgram implements Program {
  /** For calls in flight, which may be 25 s long. */
  private static final Duration STOP_LIMIT = Duration.ofSeconds(30);

  private final Stored build;
  private final HttpClient client;
  private final PairOptions options;
  private final EdgeValues values;
  private final SharedSocket socket;
  private final Ports ports;
  private volatile Set<String> drained = Set.of();
  private final ConcurrentMap<Long, Started> started = new ConcurrentHashMap<>();
  private volatile Secret gatewaySecret;

  /** Where the last one that was started has its admin listener. */
  private volatile URI last = URI.create(ChildEnvironment.url(0));

  private record Started(EdgeAdmin admin, Secret secret) {}

  /** An edge that does not run yet, with a first gateway secret among its values. */
  EdgeProgram(
      Stored build,
      HttpClient client,
      PairOptions options,
      EdgeValues values,
      SharedSocket socket,
      Ports ports) {
    this.build = build;
    this.client = client;
    this.options = options;
    this.values = values;
    this.gatewaySecret = values.gatewaySecret();
    this.socket = socket;
    this.ports = ports;
  }

  @Override
  public String name() {
    return "edge";
  }

  @Override
  public Process launch() throws IOException {
    int port;
    try {
      port = ports.next();
    } catch (PairException e) {
      throw new IOException(e.getMessage(), e);
    }
    Secret secret = gatewaySecret;
    EdgeValues now =
        new EdgeValues(
            values.port(), port, values.originPorts(), drained, secret, values.adminToken());
    Process process =
        socket.start(
            JvmProgram.builder(
                build.folder(),
                "com.mcpist.edge.Main",
                ClassArchive.of(DataFolder.cache(options.data(), options.environment()), build.digest()),
                ChildEnvironment.edge(options, now)));
    URI address = URI.create(ChildEnvironment.url(port));
    last = address;
    started.put(process.pid(), new Started(admin(() -> address), secret));
    var _ = process.onExit().thenRun(() -> started.remove(process.pid()));
    return process;
  }

  /** Ready is an edge that accepts and knows an origin: the socket alone would not tell which. */
  @Override
  public Sign ask(Process process) throws InterruptedException {
    Started known = started.get(process.pid());
    if (known == null) {
      return Sign.REFUSES;
    }
    try {
      if (!known.secret().equals(gatewaySecret)) { // It was replaced while this one was started.
        known.admin().replaceSecret(gatewaySecret);
      }
      return known.admin().status().serving().isPresent() ? Sign.READY : Sign.LIVES;
    } catch (IOException e) {
      return Sign.of(e);
    }
  }

  @Override
  public void requestStop(Process process) {
    process.toHandle().destroy(); // Not Process.destroy(), as with an origin.
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
    return STOP_LIMIT;
  }

  /** Gives all edges, and those to come, another gateway secret. The same may be done again. */
  void replaceSecret(Secret value) throws IOException, InterruptedException {
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

  /** The admin listener of the edge that is kept, whose process is this; null where none runs. */
  EdgeAdmin keptAdmin(Supplier<@Nullable Long> pid) {
    return admin(
        () -> {
          Long kept = pid.get();
          Started known = kept == null ? null : started.get(kept);
          return known == null ? last : known.admin().base().get();
        });
  }

  private EdgeAdmin admin(Supplier<URI> address) {
    return new EdgeAdmin(client, address, values.adminToken());
  }

  void remember(EdgeAdmin.View view) {
    drained =
        view.origins().stream()
            .filter(PairStatus.Origin::drained)
            .map(PairStatus.Origin::name)
            .collect(Collectors.toSet());
  }
}
