package com.mcpist.e2e.deploy;

import com.mcpist.e2e.harness.Command;
import com.mcpist.e2e.harness.Pair;
import com.mcpist.e2e.harness.Program;
import com.mcpist.e2e.harness.Root;
import com.mcpist.e2e.harness.VendorOrigins;
import com.mcpist.testkit.Ports;
import com.mcpist.testkit.PostgresServer;
import com.mcpist.testkit.vendor.FlyServer;
import com.mcpist.testkit.vendor.KoyebServer;
import com.mcpist.testkit.vendor.RegistryServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * A deployment on Koyeb and Fly.io, as far as that can be without them. The edge, the database and
 * the command line are real.
 */
final class VendorPair implements AutoCloseable {
  static final String NEW = "sha256:" + "1".repeat(64);
  static final String SECRET = "the-gateway-secret-of-a-test-0123456789";
  static final String ADMIN = "the-admin-token-of-a-test-0123456789abcdef";

  private static final String EDGE_ADMIN = "the-edge-admin-token-of-a-test-0123456789";
  private static final Duration LIMIT = Duration.ofMinutes(4);

  final PostgresServer database = PostgresServer.start();
  private final RegistryServer registry = new RegistryServer();
  private final VendorOrigins origins =
      new VendorOrigins(
          registry.name() + "/me/notes",
          Map.of(
              "ENVIRONMENT",
              "production-primary",
              "GATEWAY_SECRET",
              SECRET,
              "ADMIN_TOKEN",
              ADMIN,
              "LIMITS",
              "off",
              "DATABASE_URL",
              database.originUrl(),
              "MIGRATION_DATABASE_URL",
              database.url()),
          List.of());
  final KoyebServer koyeb = origins.koyeb;
  final FlyServer fly = origins.fly;
  private final Path home = Files.createTempDirectory("mcpist-vendors");
  private final int edgePort = Ports.free();
  private final int edgeAdmin = Ports.free();
  private final Program edge;

  VendorPair() throws IOException {
    registry.push("me/notes", NEW, NEW);
    Files.writeString(home.resolve("mcpist.yml"), file());
    origins.start();
    edge = Program.edge(edgeEnvironment());
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
        .formatted(
            registry.name(),
            NEW,
            VendorOrigins.SERVICE,
            origins.port(Pair.PRIMARY),
            origins.port(Pair.STANDBY));
  }

  private Map<String, String> edgeEnvironment() {
    ObjectNode config = JsonMapper.shared().createObjectNode();
    config.put("host", "127.0.0.1").put("port", edgePort).put("adminPort", edgeAdmin);
    var list = config.putArray("origins");
    for (String name : List.of(Pair.PRIMARY, Pair.STANDBY)) {
      list.addObject().put("name", name).put("url", "http://127.0.0.1:" + origins.port(name));
    }
    config.putObject("monitor").put("intervalSeconds", 1).put("timeoutSeconds", 1);
    return Map.of(
        "EDGE_CONFIG", config.toString(),
        "GATEWAY_SECRET", SECRET,
        "EDGE_ADMIN_TOKEN", EDGE_ADMIN);
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
    edge.close();
    origins.close();
    database.close();
    registry.close();
  }
}
