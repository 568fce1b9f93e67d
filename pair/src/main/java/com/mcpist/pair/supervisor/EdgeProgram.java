package com.mcpist.pair.supervisor;

import module java.base;

import com.mcpist.deploy.secret.Secret;
import com.mcpist.pair.control.PairStatus;
import com.mcpist.pair.control.Sockets;
import com.mcpist.pair.data.DataFolder;
import com.mcpist.pair.data.Releases.Stored;
import com.mcpist.pair.process.AdoptedProcess;
import com.mcpist.pair.process.JvmProgram;
import com.mcpist.pair.process.JvmProgram.ClassArchive;
import com.mcpist.pair.process.Keeper.Program;
import com.mcpist.pair.process.Keeper.Sign;
import com.mcpist.pair.process.Orphans;
import com.mcpist.pair.process.Orphans.Orphan;
import com.mcpist.pair.process.SharedSocket;
import com.mcpist.pair.supervisor.ChildEnvironment.EdgeValues;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The edge. While the edge restarts, two processes accept from one socket. Each has an admin
 * listener on a socket of its own.
 */
final class EdgeProgram implements Program {
  private static final Logger LOG = LoggerFactory.getLogger(EdgeProgram.class);

  /** The length of what tells the processes of an edge apart, which is in a socket's short name. */
  private static final int ID_LENGTH = 8;

  /** For calls in flight, which may be 25 s long. */
  private static final Duration STOP_LIMIT = Duration.ofSeconds(30);

  private final Stored build;
  private final PairOptions options;
  private final EdgeValues values;
  private final SharedSocket socket;
  private final Sockets sockets;
  private volatile Set<String> drained;
  private final ConcurrentMap<Long, Started> started = new ConcurrentHashMap<>();
  private volatile Secret gatewaySecret;

  /** The admin socket of the edge that was started last. */
  private volatile URI last;

  /** With the secret that it shows to origins, where that is known. */
  private record Started(EdgeAdmin admin, Optional<Secret> secret) {}

  /**
   * An edge that does not run yet; its values have the first gateway secret, and what is drained.
   */
  EdgeProgram(
      Stored build, PairOptions options, EdgeValues values, SharedSocket socket, Sockets sockets) {
    this.build = build;
    this.options = options;
    this.values = values;
    this.gatewaySecret = values.gatewaySecret();
    this.drained = values.drained();
    this.socket = socket;
    this.sockets = sockets;
    this.last = sockets.edge("none"); // Nobody listens there.
  }

  @Override
  public String name() {
    return "edge";
  }

  @Override
  public synchronized Process launch(Path log) throws IOException {
    String id = UUID.randomUUID().toString().substring(0, ID_LENGTH);
    URI admin = sockets.edge(id);
    Secret secret = gatewaySecret;
    EdgeValues now =
        new EdgeValues(values.port(), values.origins(), drained, secret, values.adminToken());
    String mark = Orphans.mark(name(), id);
    ProcessBuilder program =
        JvmProgram.builder(
            mark,
            build.folder(),
            "com.mcpist.edge.Main",
            ClassArchive.of(DataFolder.cache(options.environment()), build.digest()),
            ChildEnvironment.edge(options, now, admin));
    Process process = socket.start(program, mark, log);
    know(process, admin, Optional.of(secret));
    return process;
  }

  /** Those that an earlier supervisor has left, the newest first. */
  synchronized List<Process> adopt(List<Orphan> orphans) {
    List<Process> left = new ArrayList<>();
    for (Orphan orphan : orphans.reversed()) { // So that the newest one is known last.
      if (orphan.program().equals(name())) {
        Process process = new AdoptedProcess(orphan.process());
        // It may have been told of another secret, or not any more.
        know(process, sockets.edge(orphan.which()), Optional.empty());
        left.addFirst(process);
      }
    }
    return left;
  }

  private void know(Process process, URI address, Optional<Secret> secret) {
    last = address;
    started.put(process.pid(), new Started(admin(() -> address), secret));
    var _ =
        process
            .onExit()
            .thenRun(
                () -> {
                  started.remove(process.pid());
                  deleteQuietly(Path.of(address.getPath()));
                });
  }

  /** An edge that was killed leaves its socket's file behind. */
  private static void deleteQuietly(Path socket) {
    try {
      Files.deleteIfExists(socket);
    } catch (IOException e) {
      LOG.debug("a socket stays behind", e);
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
          return known == null ? last : known.admin().socket().get();
        });
  }

  private EdgeAdmin admin(Supplier<URI> address) {
    return new EdgeAdmin(address, values.adminToken());
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
