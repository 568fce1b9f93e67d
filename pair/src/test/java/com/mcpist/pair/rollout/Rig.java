package com.mcpist.pair.rollout;

import com.mcpist.deploy.image.ImageReference;
import com.mcpist.deploy.platform.Release;
import com.mcpist.deploy.platform.Rollout;
import com.mcpist.deploy.platform.Wanted;
import com.mcpist.deploy.time.Deadline;
import com.mcpist.deploy.time.Time;
import com.mcpist.pair.control.ControlClient;
import com.mcpist.pair.control.ControlServer;
import com.mcpist.pair.control.Reply;
import com.mcpist.pair.control.Request;
import com.mcpist.pair.data.DataFolder;
import com.mcpist.pair.data.PairException;
import com.mcpist.pair.platform.LocalImages;
import com.mcpist.pair.platform.LocalPlatform;
import com.mcpist.pair.platform.Supervision;
import com.mcpist.pair.process.ProcessEvents;
import com.mcpist.testkit.HttpMessage;
import com.mcpist.testkit.Ports;
import com.mcpist.testkit.RawHttp;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * One hosted origin with real processes, and its platform, which asks over a real control socket.
 */
final class Rig {
  static final String NAME = "one";
  static final String SECRET = "0123456789abcdef0123456789abcdef";
  static final Duration LIMIT = Duration.ofSeconds(60);

  final List<String> told = new CopyOnWriteArrayList<>();
  final Turns turns = new Turns();
  final LocalImages images;
  final LocalPlatform platform;
  final HostedOrigin origin;
  private final Path folder;
  private final DataFolder data;
  private final int port = Ports.free();
  private final JsonMapper json = JsonMapper.builder().build();
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final ControlServer control;

  private Rig(Path folder, boolean overlaps) throws Exception {
    this.folder = folder;
    this.data = DataFolder.open(folder.resolve("data"));
    this.images = new LocalImages(data.path());
    Path build = Builds.assemble(folder, "first");
    this.origin =
        HostedOrigin.of(
            blueprint(overlaps),
            new OriginRelease(
                "up", LocalImages.reference(build), build, Map.of("RELEASE", "r1"), Instant.now()),
            images,
            turns,
            new Random(1),
            data.logs(),
            processes(),
            events());
    HostedOrigins origins = new HostedOrigins(List.of(origin), images);
    Path socket = data.run().resolve("control.sock");
    this.control = ControlServer.listen(socket, json, (request, step) -> answer(origins, request));
    this.platform = new LocalPlatform(NAME, supervision(socket));
  }

  /** Runs the build "first" as release r1. */
  static Rig start(Path folder, boolean overlaps) throws Exception {
    Rig rig = new Rig(folder, overlaps);
    rig.origin.keeper().start();
    try {
      rig.origin.keeper().awaitReady(LIMIT);
    } catch (PairException e) {
      rig.stop();
      throw e;
    }
    return rig;
  }

  private OriginBlueprint blueprint(boolean overlaps) {
    return new OriginBlueprint(
        NAME,
        Map.of("EXTRA", "inherited"),
        overlaps
            ? Map.of("PORT", "" + port, "GATEWAY_SECRET", SECRET, "LISTEN_SHARED", "true")
            : Map.of("PORT", "" + port, "GATEWAY_SECRET", SECRET),
        Map.of("GATEWAY_SECRET", SECRET),
        URI.create("http://127.0.0.1:" + port),
        "/health",
        overlaps,
        Duration.ofSeconds(5),
        data.run(),
        folder.resolve("cache"),
        client);
  }

  private ProcessEvents processes() {
    return new ProcessEvents() {
      @Override
      public void restarted(String name, long pid) {
        told.add(name + " restarted");
      }

      @Override
      public void died(String name, String how, Duration delay) {
        told.add(name + " died");
      }
    };
  }

  private RolloutEvents events() {
    return new RolloutEvents() {
      @Override
      public void told(String line) {
        told.add(line);
      }

      @Override
      public void healthy(OriginRelease release) {
        told.add("healthy " + release.name());
      }
    };
  }

  private static Reply answer(HostedOrigins origins, Request request) {
    try {
      return origins.answer(request);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private Supervision supervision(Path socket) {
    return new Supervision() {
      @Override
      public Path data() {
        return data.path();
      }

      @Override
      public @Nullable Reply ask(Request request, Duration limit)
          throws PairException, InterruptedException {
        try {
          return ControlClient.ask(socket, request, json, limit, step -> {});
        } catch (IOException e) {
          return null;
        }
      }
    };
  }

  static Deadline deadline() {
    return Deadline.in(LIMIT, Time.system());
  }

  /** A build of that name, stored as an image. */
  ImageReference image(String build) throws Exception {
    return images.store(Builds.assemble(folder, build));
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

  /** What it answers on a new connection. */
  JsonNode answer() throws IOException {
    return answer(RawHttp.exchange(port, request("close")));
  }

  JsonNode answer(HttpMessage message) {
    return json.readTree(message.text());
  }

  static String request(String connection) {
    return "GET /health HTTP/1.1\r\nHost: localhost\r\nX-Gateway-Secret: %s\r\nConnection: %s\r\n\r\n"
        .formatted(SECRET, connection);
  }

  int port() {
    return port;
  }

  String log() throws IOException {
    return Files.readString(data.logs().resolve(NAME + ".log"));
  }

  /** The processes on record. */
  long processCount() throws IOException {
    try (var files = Files.list(data.run())) {
      return files.filter(file -> file.toString().endsWith(".pid")).count();
    }
  }

  /** Ends all. */
  void stop() throws Exception {
    origin.close();
    origin.keeper().stop();
    control.close();
    data.close();
    client.close();
  }
}
