package com.mcpist.e2e.deploy;

import com.mcpist.deploy.Platforms;
import com.mcpist.deploy.ProductionSite;
import com.mcpist.deploy.config.ConfigException;
import com.mcpist.deploy.config.DeploymentFile;
import com.mcpist.deploy.release.Site.Target;
import com.mcpist.deploy.secret.Secret;
import com.mcpist.deploy.time.Deadline;
import com.mcpist.deploy.time.Time;
import com.mcpist.e2e.harness.Command;
import com.mcpist.e2e.harness.EdgeAdmin;
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
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * A deployment on Koyeb and Fly.io, as far as that can be without them. The edge, the database and
 * the command line are real.
 */
final class VendorPair implements AutoCloseable {
  static final String NEW = "sha256:" + "1".repeat(64);

  /** No other test's: theirs may be an argument of a program that is not ours. */
  static final String SECRET = "the-gateway-secret-of-vendors-0123456789";

  static final String ADMIN = "the-admin-token-of-a-test-0123456789abcdef";

  private static final Duration LIMIT = Duration.ofMinutes(4);

  final PostgresServer database = PostgresServer.start();
  final RegistryServer registry = new RegistryServer();
  private final Besides besides;
  private final VendorOrigins origins;
  final KoyebServer koyeb;
  final FlyServer fly;
  private final Path home = Files.createTempDirectory("mcpist-vendors");
  private final int edgePort = Ports.free();

  /** The edge's admin interface. */
  final EdgeAdmin admin = new EdgeAdmin(Ports.free(), "the-edge-admin-token-of-a-test-0123456789");

  private final Program edge;

  /** What commands know for the gateway secret. */
  volatile String gateway = SECRET;

  /**
   * What a deployment has besides the two. Where it has something, all origins have their secrets
   * from their platforms.
   *
   * @param digest of what Koyeb and Fly.io run at first
   * @param file the end of mcpist.yml, whose list of origins it goes on with
   * @param urls of the origins that are in it, by name
   * @param environment of commands
   */
  record Besides(
      String digest, String file, Map<String, String> urls, Map<String, String> environment) {}

  VendorPair() throws Exception {
    this(new Besides(VendorOrigins.OLD, "", Map.of(), Map.of()));
  }

  VendorPair(Besides besides) throws Exception {
    this.besides = besides;
    Map<String, String> given = new HashMap<>(secrets());
    given.putAll(Map.of("ENVIRONMENT", "production-primary", "LIMITS", "off"));
    boolean stored = !besides.file().isEmpty();
    origins =
        new VendorOrigins(
            registry.name() + "/me/notes@" + besides.digest(),
            given,
            stored ? secrets().keySet() : List.of());
    koyeb = origins.koyeb;
    fly = origins.fly;
    registry.push("me/notes", NEW, NEW);
    Files.writeString(home.resolve("mcpist.yml"), file());
    if (stored) {
      store();
    }
    origins.start();
    edge = Program.edge(edgeEnvironment());
  }

  /** As {@link VendorOrigins#violations}. */
  List<String> violations() {
    return origins.violations();
  }

  private void store() throws Exception {
    Map<String, Secret> secrets = new TreeMap<>();
    secrets().forEach((name, value) -> secrets.put(name, Secret.of(value)));
    for (Target target : production().site(_ -> true, Optional.empty()).targets()) {
      target.platform().orElseThrow().putSecrets(secrets, Deadline.in(LIMIT, Time.system()));
    }
  }

  /** It, as commands know it. */
  ProductionSite production() throws ConfigException {
    Map<String, String> environment = environment();
    return new ProductionSite(
        DeploymentFile.find(home),
        environment,
        new Platforms(environment, "a test", Time.system()),
        Time.system());
  }

  /** What every origin has of them to begin with. */
  Map<String, String> secrets() {
    return Map.of(
        "GATEWAY_SECRET",
        SECRET,
        "ADMIN_TOKEN",
        ADMIN,
        "DATABASE_URL",
        database.originUrl(),
        "MIGRATION_DATABASE_URL",
        database.url());
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
    %s\
    """
        .formatted(
            registry.name(),
            NEW,
            VendorOrigins.SERVICE,
            origins.port(Pair.PRIMARY),
            origins.port(Pair.STANDBY),
            besides.file());
  }

  private Map<String, String> edgeEnvironment() {
    ObjectNode config = JsonMapper.shared().createObjectNode();
    config.put("host", "127.0.0.1").put("port", edgePort).put("adminPort", admin.port());
    var list = config.putArray("origins");
    for (String name : List.of(Pair.PRIMARY, Pair.STANDBY)) {
      list.addObject().put("name", name).put("url", "http://127.0.0.1:" + origins.port(name));
    }
    besides.urls().forEach((name, url) -> list.addObject().put("name", name).put("url", url));
    config.putObject("monitor").put("intervalSeconds", 1).put("timeoutSeconds", 1);
    return Map.of(
        "EDGE_CONFIG", config.toString(),
        "GATEWAY_SECRET", SECRET,
        "EDGE_ADMIN_TOKEN", admin.token());
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
    builder.environment().putAll(environment());
    return Command.run(builder, LIMIT);
  }

  /** What a command needs to know. */
  private Map<String, String> environment() {
    Map<String, String> environment = new HashMap<>(besides.environment());
    environment.put("GATEWAY_SECRET", gateway);
    environment.put("ADMIN_TOKEN", ADMIN);
    environment.put("KOYEB_TOKEN", "koyeb-token-of-a-test");
    environment.put("FLY_API_TOKEN", "fly-token-of-a-test");
    environment.put("KOYEB_API_URL", koyeb.url().toString());
    environment.put("FLY_API_URL", fly.url() + "/v1");
    environment.put("EDGE_ADMIN_URL", "http://127.0.0.1:" + admin.port());
    environment.put("EDGE_ADMIN_TOKEN", admin.token());
    return environment;
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
