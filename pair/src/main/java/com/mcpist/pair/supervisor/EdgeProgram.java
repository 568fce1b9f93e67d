package com.mcpist.pair.supervisor;

import module java.base;

import com.mcpist.deploy.secret.Secret;
import com.mcpist.pair.control.PairStatus;
import com.mcpist.pair.data.DataFolder;
import com.mcpist.pair.data.PairException;
import com.mcpist.pair.data.Releases.Stored;
import com.mcpist.pair.process.AdoptedProcess;
import com.mcpist.pair.process.JvmProgram;
import com.mcpist.pair.process.JvmProgram.ClassArchive;
import com.mcpist.pair.process.Keeper.Program;
import com.mcpist.pair.process.Keeper.Sign;
import com.mcpist.pair.process.Orphans;
import com.mcpist.pair.process.Orphans.Orphan;
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
  private volatile Set<String> drained;
  private final ConcurrentMap<Long, Started> started = new ConcurrentHashMap<>();
  private volatile Secret gatewaySecret;

  /**
   * Where an edge has its admin listener, unless one that ends has it still; 0 before the first.
   */
  private int adminPort;

  /** Where the last one that was started has its admin listener. */
  private volatile URI last = URI.create(ChildEnvironment.url(0));

  /** With the secret that it shows to origins, where that is known. */
  private record Started(EdgeAdmin admin, Optional<Secret> secret) {}

  /**
   * An edge that does not run yet; its values have the first gateway secret, and what is drained.
   */
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
    this.drained = values.drained();
    this.socket = socket;
    this.ports = ports;
  }

  @Override
  public String name() {
    return "edge";
  }

  @Override
  public synchronized Process launch(Path log) throws IOException {
    int port = adminPort();
    Secret secret = gatewaySecret;
    EdgeValues now =
        new EdgeValues(
            values.port(), port, values.originPorts(), drained, secret, values.adminToken());
    // Unlike the port it is no other edge's, not even one's that ends.
    String mark = Orphans.mark(name(), port + "/" + UUID.randomUUID());
    ProcessBuilder program =
        JvmProgram.builder(
            mark,
            build.folder(),
            "com.mcpist.edge.Main",
            ClassArchive.of(DataFolder.cache(options.environment()), build.digest()),
            ChildEnvironment.edge(options, now));
    Process process = socket.start(program, mark, log);
    know(process, port, Optional.of(secret));
    return process;
  }

  /** Those that an earlier supervisor has left, the newest first. */
  synchronized List<Process> adopt(List<Orphan> orphans) {
    List<Process> left = new ArrayList<>();
    for (Orphan orphan : orphans.reversed()) {
      if (orphan.program().equals(name()) && orphan.which().matches("[0-9]{1,5}")) {
        Process process = new AdoptedProcess(orphan.process());
        int port = Integer.parseInt(orphan.which());
        ports.given().add(port);
        adminPort = adminPort == 0 ? port : adminPort;
        // It may have been told of another secret, or not any more.
        know(process, port, Optional.empty());
        left.addFirst(process);
      }
    }
    return left;
  }

  private void know(Process process, int adminPort, Optional<Secret> secret) {
    URI address = URI.create(ChildEnvironment.url(adminPort));
    last = address;
    started.put(process.pid(), new Started(admin(() -> address), secret));
    var _ = process.onExit().thenRun(() -> started.remove(process.pid()));
  }

  /**
   * Whoever reads its metrics finds the next one at the same port, if no other lives: one that is
   * being started has not bound its own yet.
   */
  private int adminPort() throws IOException {
    boolean alone =
        started.keySet().stream()
            .map(ProcessHandle::of)
            .flatMap(Optional::stream)
            .noneMatch(AdoptedProcess::runs);
    try {
      int port = alone ? ports.again(adminPort) : ports.next();
      adminPort = adminPort == 0 ? port : adminPort;
      return port;
    } catch (PairException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  /** Ready is an edge that accepts and knows an origin: the socket alone would not tell which. */
  @Override
  public Sign ask(Process process) throws InterruptedException {
    Started known = started.get(process.pid());
    if (known == null) {
      return Sign.REFUSES;
    }
    try {
      Secret secret = gatewaySecret; // It may have been replaced while this one was started.
      if (known.secret().filter(secret::equals).isEmpty()) {
        known.admin().replaceSecret(secret);
        var _ =
            started.replace(process.pid(), known, new Started(known.admin(), Optional.of(secret)));
      }
      return known.admin().status().serving().isPresent() ? Sign.READY : Sign.LIVES;
    } catch (IOException e) {
      return Sign.of(e);
    }
  }

  @Override
  public void requestStop(Process process) {
    process.destroy();
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

  Secret gatewaySecret() {
    return gatewaySecret;
  }

  void remember(EdgeAdmin.View view) {
    drained =
        view.origins().stream()
            .filter(PairStatus.Origin::drained)
            .map(PairStatus.Origin::name)
            .collect(Collectors.toSet());
  }
}
