package com.mcpist.e2e.deploy;

import com.mcpist.e2e.harness.Command;
import com.mcpist.e2e.harness.Pair;
import com.mcpist.e2e.harness.Program;
import com.mcpist.e2e.harness.Root;
import com.mcpist.testkit.MutableClock;
import com.mcpist.testkit.Ports;
import com.mcpist.testkit.PostgresServer;
import com.mcpist.testkit.vendor.FlyServer;
import com.mcpist.testkit.vendor.KoyebServer;
import com.mcpist.testkit.vendor.RegistryServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * A deployment on Koyeb and Fly.io, as far as that can be without them: their interfaces are
 * stand-ins, and what those say that runs does run: origins as processes of their own, which are
 * started anew when their platform is told to. The edge, the database and the command line are
 * real.
 */
final class VendorPair implements AutoCloseable {
  static final String OLD = "sha256:" + "0".repeat(64);
  static final String NEW = "sha256:" + "1".repeat(64);
  static final String SECRET = "the-gateway-secret-of-a-test-0123456789";
  static final String ADMIN = "the-admin-token-of-a-test-0123456789abcdef";

  private static final String EDGE_ADMIN = "the-edge-admin-token-of-a-test-0123456789";
  private static final String SERVICE = "8b2a91f0-6c3d-4e5f-9a7b-1c2d3e4f5a6b";
  private static final String MACHINE = "148e21ea7d4589";
  private static final Duration LIMIT = Duration.ofMinutes(4);

  final KoyebServer koyeb;
  final FlyServer fly;
  final PostgresServer database = PostgresServer.start();
  private final RegistryServer registry = new RegistryServer();
  private final MutableClock clock = MutableClock.at(Instant.now());
  private final Path home = Files.createTempDirectory("mcpist-vendors");
  private final Map<String, Integer> ports = new LinkedHashMap<>();
  private final Map<String, Program> origins = new HashMap<>();
  private final Map<String, JsonNode> running = new HashMap<>();
  private final int edgePort = Ports.free();
  private final int edgeAdmin = Ports.free();
  private final Program edge;
  private final Thread platforms;
  private volatile boolean closing;

  VendorPair() throws IOException {
    ports.put(Pair.PRIMARY, Ports.free());
    ports.put(Pair.STANDBY, Ports.free());
    registry.push("me/notes", NEW, NEW);
    koyeb =
        new KoyebServer(
            SERVICE,
            """
            {"name": "notes", "type": "WEB", "regions": ["fra"],
             "docker": {"image": "%s/me/notes@%s"},
             "env": [{"key": "RELEASE", "value": "one"}, {"key": "IMAGE_DIGEST", "value": "%s"}],
             "ports": [{"port": 8000, "protocol": "http"}], "scalings": [{"min": 1, "max": 1}]}
            """
                .formatted(registry.name(), OLD, OLD));
    fly = new FlyServer("notes", clock);
    fly.machine(
        MACHINE,
        "nrt",
        """
        {"image": "registry.fly.io/notes@%s", "env": {"RELEASE": "one", "IMAGE_DIGEST": "%s"},
         "guest": {"cpu_kind": "shared", "cpus": 1, "memory_mb": 256}}
        """
            .formatted(OLD, OLD));
    Files.writeString(home.resolve("mcpist.yml"), file());
    run();
    edge = Program.edge(edgeEnvironment());
    platforms = Thread.ofPlatform().daemon().name("platforms").start(this::keep);
  }

  private String file() {
    return """
    service: notes
    image: %s/me/notes@%s
    auth: none
    origins:
      - name: koyeb-primary
        platform: koyeb
        app: notes
        service: %s
        url: http://127.0.0.1:%d
      - name: flyio-standby
        platform: fly
        app: notes
        image: registry.fly.io/notes
        url: http://127.0.0.1:%d
    """
        .formatted(registry.name(), NEW, SERVICE, ports.get(Pair.PRIMARY), ports.get(Pair.STANDBY));
  }

  private Map<String, String> edgeEnvironment() {
    ObjectNode config = JsonMapper.shared().createObjectNode();
    config.put("host", "127.0.0.1").put("port", edgePort).put("adminPort", edgeAdmin);
    var list = config.putArray("origins");
    ports.forEach(
        (name, port) -> list.addObject().put("name", name).put("url", "http://127.0.0.1:" + port));
    config.putObject("monitor").put("intervalSeconds", 1).put("timeoutSeconds", 1);
    return Map.of(
        "EDGE_CONFIG", config.toString(),
        "GATEWAY_SECRET", SECRET,
        "EDGE_ADMIN_TOKEN", EDGE_ADMIN);
  }

  /** The platforms at work: time passes, and what is to run runs. */
  private void keep() {
    try {
      while (!closing) {
        clock.set(Instant.now());
        run();
        java.util.concurrent.TimeUnit.MILLISECONDS.sleep(20);
      }
    } catch (IOException e) {
      throw new IllegalStateException(e);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() throws IOException {
    ObjectNode onKoyeb = JsonMapper.shared().createObjectNode();
    for (JsonNode entry : koyeb.serving().path("env")) {
      onKoyeb.set(entry.path("key").asString(), entry.path("value"));
    }
    run(Pair.PRIMARY, onKoyeb);
    run(Pair.STANDBY, fly.configs(MACHINE).getLast().path("env"));
  }

  private void run(String origin, JsonNode env) throws IOException {
    if (env.equals(running.get(origin))) {
      return;
    }
    Program before = origins.remove(origin);
    if (before != null) {
      before.terminate();
      before.awaitExit(LIMIT);
      before.close();
    }
    Map<String, String> environment = new HashMap<>();
    env.properties().forEach(entry -> environment.put(entry.getKey(), entry.getValue().asString()));
    environment.put("ENVIRONMENT", "production-primary");
    environment.put("GATEWAY_SECRET", SECRET);
    environment.put("ADMIN_TOKEN", ADMIN);
    environment.put("LIMITS", "off");
    environment.put("DATABASE_URL", database.originUrl());
    environment.put("MIGRATION_DATABASE_URL", database.url());
    environment.put("HOST", "127.0.0.1");
    environment.put("PORT", String.valueOf(ports.get(origin)));
    origins.put(origin, Program.origin(environment));
    running.put(origin, env);
  }

  int port() {
    return edgePort;
  }

  /** {@code mcpist} as in a shell that has the secrets. */
  Command.Result run(String... arguments) throws IOException {
    String[] line =
        Stream.concat(Stream.of(Root.PATH.resolve("mcpist").toString()), Stream.of(arguments))
            .toArray(String[]::new);
    ProcessBuilder builder = Root.process(home, line).directory(home.toFile());
    builder
        .environment()
        .putAll(
            Map.of(
                "GATEWAY_SECRET",
                SECRET,
                "ADMIN_TOKEN",
                ADMIN,
                "KOYEB_TOKEN",
                "koyeb-token-of-a-test",
                "FLY_API_TOKEN",
                "fly-token-of-a-test",
                "KOYEB_API_URL",
                koyeb.url().toString(),
                "FLY_API_URL",
                fly.url() + "/v1",
                "EDGE_ADMIN_URL",
                "http://127.0.0.1:" + edgeAdmin,
                "EDGE_ADMIN_TOKEN",
                EDGE_ADMIN));
    return Command.run(builder, LIMIT);
  }

  /** Where clients connect, for the commands that ask there. */
  String edge() {
    return "http://127.0.0.1:" + edgePort;
  }

  @Override
  public void close() throws IOException {
    closing = true;
    try {
      platforms.join();
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
    edge.close();
    for (Program origin : origins.values()) {
      origin.close();
    }
    database.close();
    koyeb.close();
    fly.close();
    registry.close();
  }
}
