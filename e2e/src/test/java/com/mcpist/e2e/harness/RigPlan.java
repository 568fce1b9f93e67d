package com.mcpist.e2e.harness;

import com.mcpist.testkit.Ports;
import java.io.IOException;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * How a {@link Rig} is to be put together. The ports are known before anything runs, so that a test
 * can lay wires of its own between its parts.
 */
public final class RigPlan {
  /** The names of the origins, in the edge's order. */
  static final List<String> ORIGINS = List.of(Pair.PRIMARY, Pair.STANDBY);

  /** Far longer than anything is away, however busy the machine is. */
  private static final double WAIT_SECONDS = 180;

  private static final JsonMapper JSON = JsonMapper.shared();

  private final Map<String, Integer> ports = new LinkedHashMap<>();
  private final Map<String, String> urls = new HashMap<>();
  private final Map<String, String> databases = new HashMap<>();
  private final Map<String, String> environment = new HashMap<>();
  private final Map<String, String> everywhere = new HashMap<>();
  private final Map<String, List<String>> prefixes = new HashMap<>();
  private double waitSeconds = WAIT_SECONDS;
  private @Nullable Class<?> main;

  private RigPlan(String database) {
    for (String origin : ORIGINS) {
      int port = Ports.free();
      ports.put(origin, port);
      urls.put(origin, "http://127.0.0.1:" + port);
      databases.put(origin, database);
    }
  }

  /**
   * Two origins of the product on one database, and an edge, all on loopback.
   *
   * @param database its owner's address
   */
  public static RigPlan on(String database) {
    return new RigPlan(database);
  }

  /** Where an origin listens. */
  public int port(String origin) {
    return ports.getOrDefault(origin, 0);
  }

  /** The edge reaches this origin by another URL than its own. */
  public RigPlan reachedBy(String origin, String url) {
    urls.put(origin, url);
    return this;
  }

  /** This origin reaches its database by another URL, its owner's, than the other one. */
  public RigPlan database(String origin, String url) {
    databases.put(origin, url);
    return this;
  }

  /** Another program than the product's origin, one that is among the tests. */
  public RigPlan origins(Class<?> program) {
    main = program;
    return this;
  }

  /** One more variable for both origins. */
  public RigPlan variable(String name, String value) {
    environment.put(name, value);
    return this;
  }

  /** More variables for both origins and the edge. */
  public RigPlan everywhere(Map<String, String> variables) {
    everywhere.putAll(variables);
    return this;
  }

  /** This origin is started by a command that takes the program and its arguments. */
  public RigPlan startedBy(String origin, List<String> prefix) {
    prefixes.put(origin, prefix);
    return this;
  }

  /** For how long a call looks for an origin; three minutes otherwise. */
  public RigPlan waitSeconds(double seconds) {
    waitSeconds = seconds;
    return this;
  }

  /** Starts everything, and waits until both origins are healthy and the primary serves. */
  public Rig start() throws IOException {
    return Rig.start(this);
  }

  Program startOrigin(String origin) throws IOException {
    Map<String, String> variables = new HashMap<>(environment);
    variables.putAll(everywhere);
    variables.put("ENVIRONMENT", origin);
    variables.put("GATEWAY_SECRET", EdgeConfig.SECRET);
    variables.putIfAbsent("LIMITS", "off");
    variables.put("HOST", prefixes.containsKey(origin) ? "0.0.0.0" : "127.0.0.1");
    variables.put("PORT", Integer.toString(port(origin)));
    String owner = databases.getOrDefault(origin, "");
    variables.put("MIGRATION_DATABASE_URL", owner);
    variables.put("DATABASE_URL", Databases.ofOrigins(owner));
    Class<?> program = main;
    List<String> prefix = prefixes.getOrDefault(origin, List.of());
    return program == null
        ? Program.origin(prefix, variables)
        : Program.ofTests(prefix, program, variables);
  }

  /**
   * What the edge is started with. An origin that is well again gets its calls back soon: how long
   * that takes as it ships is tested where time is moved by hand.
   */
  Map<String, String> edge(int port, int adminPort, String adminToken) {
    ObjectNode config = JSON.createObjectNode();
    config.put("host", "127.0.0.1").put("port", port).put("adminPort", adminPort);
    var list = config.putArray("origins");
    ORIGINS.forEach(
        name ->
            list.addObject()
                .put("name", name)
                .put("url", urls.get(name))
                // One may be in a network of its own, a namespace of this machine's.
                .put("plaintext", prefixes.containsKey(name)));
    config.putObject("monitor").put("intervalSeconds", 1).put("timeoutSeconds", 1);
    config
        .putObject("edge")
        .put("waitSeconds", waitSeconds)
        .put("holdDownSeconds", 0.5)
        .put("holdDownMaxSeconds", 0.5);
    Map<String, String> variables = new HashMap<>(everywhere);
    variables.put("EDGE_CONFIG", config.toString());
    variables.put("GATEWAY_SECRET", EdgeConfig.SECRET);
    variables.put("EDGE_ADMIN_TOKEN", adminToken);
    return variables;
  }

  Stream<String> origins() {
    return ORIGINS.stream();
  }
}
