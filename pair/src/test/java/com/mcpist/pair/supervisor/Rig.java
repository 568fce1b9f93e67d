package com.mcpist.pair.supervisor;

import com.mcpist.deploy.http.SocketHttp;
import com.mcpist.deploy.image.ImageReference;
import com.mcpist.deploy.platform.Platform.Release;
import com.mcpist.deploy.platform.Platform.Wanted;
import com.mcpist.deploy.platform.Rollout;
import com.mcpist.deploy.secret.Secret;
import com.mcpist.deploy.time.Deadline;
import com.mcpist.deploy.time.Time;
import com.mcpist.pair.LocalPair;
import com.mcpist.pair.LocalPlatform;
import com.mcpist.pair.control.ControlSocket;
import com.mcpist.pair.control.ControlSocket.Request;
import com.mcpist.pair.control.Sockets;
import com.mcpist.pair.data.DataFolder;
import com.mcpist.pair.data.PairException;
import com.mcpist.pair.data.Releases;
import com.mcpist.pair.process.Orphans;
import com.mcpist.pair.process.Orphans.Orphan;
import com.mcpist.pair.supervisor.PairRecord.OriginRecord;
import com.mcpist.pair.supervisor.ReleaseHistory.OriginRelease;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * One hosted origin with real processes, a stand-in of the edge, and its platform, which asks over
 * a real control socket.
 */
final class Rig {
  static final String NAME = "one";
  static final String SECRET = "0123456789abcdef0123456789abcdef";
  static final Duration LIMIT = Duration.ofSeconds(60);

  final List<String> told = new CopyOnWriteArrayList<>();
  final Releases releases;
  final LocalPlatform platform;
  final HostedOrigin origin;
  final StandInEdge edge;
  final Traffic traffic;
  private final Path folder;
  private final DataFolder data;
  private final Sockets sockets;
  private final ControlSocket.Server control;

  /** How often something had changed that another supervisor needs to know. */
  final AtomicInteger changes = new AtomicInteger();

  private Rig(Path folder, Duration readyLimit, Duration edgeLimit) throws Exception {
    this.folder = folder;
    this.data = DataFolder.open(folder.resolve("data"));
    this.releases = new Releases(data.path());
    this.sockets = Sockets.of(data.path());
    this.edge = StandInEdge.start(NAME, sockets.origin(0), sockets.folder().resolve("edge.sock"));
    EdgeAdmin admin = new EdgeAdmin(edge::socket, Secret.of("t"));
    this.traffic = new Traffic(admin, view -> {}, edgeLimit);
    OriginRelease first =
        OriginRelease.of(
            releases.store(Builds.assemble(folder, "first")), Map.of("RELEASE", "r1"), Map.of());
    this.origin = hosted(new OriginRecord(NAME, Map.of(), ReleaseHistory.of(first)), readyLimit);
    this.control = ControlSocket.listen(sockets, (request, step) -> answer(request));
    this.platform = new LocalPlatform(new LocalPair(data.path(), Map.of()), NAME);
  }

  /** Runs the build "first" as release r1; limits for an origin and for the edge. */
  static Rig start(Path folder, Duration readyLimit, Duration edgeLimit) throws Exception {
    Rig rig = new Rig(folder, readyLimit, edgeLimit);
    rig.origin.start(List.of());
    try {
      rig.origin.keeper.awaitReady(LIMIT);
    } catch (PairException e) {
      rig.stop();
      throw e;
    }
    return rig;
  }

  private HostedOrigin hosted(OriginRecord known, Duration readyLimit) {
    return new HostedOrigin(
        blueprint(readyLimit),
        known,
        releases,
        traffic,
        data.logs(),
        told::add,
        new PairEvents(),
        changes::incrementAndGet);
  }

  /** The same as another supervisor knows it, which goes on with what runs. */
  HostedOrigin another(OriginRecord known) {
    return hosted(known, LIMIT);
  }

  List<Orphan> orphans() {
    return Orphans.of(data.releases());
  }

  private OriginBlueprint blueprint(Duration readyLimit) {
    return new OriginBlueprint(
        NAME,
        Map.of("EXTRA", "inherited"),
        Map.of("SOCKET", sockets.origin(0).getPath(), "GATEWAY_SECRET", SECRET),
        Map.of("GATEWAY_SECRET", SECRET),
        sockets.origin(0),
        "/health",
        readyLimit,
        Duration.ofSeconds(10),
        Duration.ofSeconds(5),
        folder.resolve("cache"));
  }

  private Object answer(Request request) throws PairException, InterruptedException {
    return switch (request.command()) {
      case "deploy" -> origin.deploy(request);
      case "restore" -> origin.restore(request.release());
      case "redeploy" -> origin.redeploy();
      case "secrets" -> origin.secretNames();
      case "put-secrets" -> origin.putSecrets(request.secrets());
      default -> origin.releases();
    };
  }

  static Deadline deadline() {
    return Deadline.in(LIMIT, Time.system());
  }

  /** A build of that name, stored as a release. */
  ImageReference image(String build) throws Exception {
    return LocalPlatform.image(releases.store(Builds.assemble(folder, build)).digest());
  }

  static Wanted wanted(ImageReference image, Map<String, String> env) {
    return new Wanted(image, env, Set.of());
  }

  /** Deploys and waits. */
  Release deploy(ImageReference image, Map<String, String> env) throws Exception {
    try (Rollout rollout = platform.deploy(wanted(image, env), deadline())) {
      return rollout.awaitHealthy(step -> {}, deadline());
    }
  }

  Release current() throws Exception {
    return platform.current(deadline());
  }

  /** What it answers. */
  JsonNode answer() throws IOException, InterruptedException {
    SocketHttp.Request request =
        SocketHttp.Request.of("GET", "/health").with("X-Gateway-Secret", SECRET);
    return JsonMapper.shared().readTree(SocketHttp.send(sockets.origin(0), request, LIMIT).text());
  }

  String log() throws IOException {
    return Files.readString(data.logs().resolve(NAME + ".log"));
  }

  /** The origin's processes. */
  long processCount() {
    return ProcessHandle.allProcesses()
        .filter(p -> p.info().commandLine().orElse("").contains(data.releases() + "/"))
        .count();
  }

  /** Ends all. */
  void stop() throws Exception {
    traffic.close();
    origin.keeper.stop();
    control.close();
    edge.close();
    data.close();
  }
}
