package com.mcpist.pair.supervisor;

import com.mcpist.deploy.config.Deployment;
import com.mcpist.deploy.config.Deployment.Origin;
import com.mcpist.deploy.edgeclient.EdgeConfig;
import com.mcpist.deploy.http.Call;
import com.mcpist.deploy.secret.Secret;
import com.mcpist.pair.data.DataFolder;
import java.net.URI;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The environments of the programs: nothing of the caller's but what is named here. */
final class ChildEnvironment {
  /** What any program needs of its machine. */
  private static final List<String> MACHINE =
      List.of(
          "PATH",
          "HOME",
          "USER",
          "LANG",
          "LC_ALL",
          "LC_CTYPE",
          "TZ",
          "TMPDIR",
          // Files of the certificates that the machine trusts, for mounted servers.
          "SSL_CERT_FILE",
          "SSL_CERT_DIR",
          "NODE_EXTRA_CA_CERTS");

  /** Where traces go, when it is set. */
  private static final Pattern TRACES = Pattern.compile("OTEL_[A-Z0-9_]+");

  /** What the origins and their modules need, when it is set. */
  private static final Pattern MODULES =
      Pattern.compile("MODULE_[A-Z0-9_]+|SUPABASE_URL|SUPABASE_KEY|STRIPE_[A-Z_]+|" + TRACES);

  /** What the supervisor sets, and nobody is to see. */
  private static final List<String> SECRETS =
      List.of("GATEWAY_SECRET", "ADMIN_TOKEN", "DATABASE_URL", "MIGRATION_DATABASE_URL");

  private static final String LOOPBACK = "127.0.0.1";

  private ChildEnvironment() {}

  /** What an origin has of its machine and its caller; its release may set them otherwise. */
  static Map<String, String> inherited(PairOptions options) {
    Map<String, String> environment = inherited(options.environment(), MACHINE);
    environment.putAll(variables(options.deployment(), options.environment()));
    environment.keySet().removeAll(PairOptions.DATABASE);
    if (options.guard().isOpen()) {
      environment.put("LIMITS", "off"); // Everybody is one user, and that one owns the machine.
    }
    return environment;
  }

  /** What a pair uses of its caller's besides the machine's, most of it secret. */
  static Map<String, String> variables(Deployment deployment, Map<String, String> caller) {
    Map<String, String> environment = matching(caller, MODULES);
    environment.putAll(deployment.mounts().variables(caller));
    environment.putAll(deployment.alertSecrets(caller));
    environment.putAll(inherited(caller, PairOptions.DATABASE));
    return environment;
  }

  /** All that a pair uses of its caller's. */
  static Map<String, String> used(PairOptions options) {
    Map<String, String> environment = variables(options.deployment(), options.environment());
    environment.putAll(inherited(options.environment(), MACHINE));
    environment.putAll(
        inherited(options.environment(), List.of("XDG_CACHE_HOME", "XDG_DATA_HOME")));
    return environment;
  }

  /** What an origin's first release sets; in place 0 is the one that the edge prefers. */
  static Map<String, String> released(PairOptions options, int place, String digest) {
    Origin origin = options.deployment().origins().get(place);
    Map<String, String> environment = new TreeMap<>();
    environment.put("ENVIRONMENT", place == 0 ? "production-primary" : "production-standby");
    environment.put("LOG_PREFIX", "[" + origin.name() + "]");
    environment.putAll(options.deployment().envOf(origin));
    environment.put("RELEASE", options.release());
    environment.put("IMAGE_DIGEST", digest);
    return environment;
  }

  /** What the supervisor sets for an origin, DATABASE_URL and what goes with it among them. */
  static Map<String, String> hosted(
      URI socket, Map<String, String> database, KnownSecrets secrets) {
    Map<String, String> environment = new TreeMap<>(database);
    environment.put("SOCKET", socket.getPath());
    for (String name : KnownSecrets.NAMES) {
      environment.put(name, secrets.current(name).reveal());
    }
    environment.put("LOG_FORMAT", ""); // Its log is read by `mcpist logs`.
    return environment;
  }

  /** Those of an origin's variables that are secrets, or may be. */
  static Map<String, String> secrets(
      Deployment deployment, Map<String, String> inherited, Map<String, String> hosted) {
    Map<String, String> secrets = matching(inherited, MODULES);
    secrets.putAll(deployment.mounts().variables(inherited));
    secrets.putAll(deployment.alertSecrets(inherited));
    secrets.putAll(inherited(hosted, SECRETS));
    return secrets;
  }

  /**
   * What an edge is told that the deployment does not say. The sockets of the origins are in the
   * order of the deployment.
   */
  record EdgeValues(
      int port, List<URI> origins, Set<String> drained, Secret gatewaySecret, Secret adminToken) {}

  /** Returns the environment of an edge whose admin listener is at this socket. */
  static Map<String, String> edge(PairOptions options, EdgeValues values, URI admin) {
    Map<String, String> environment = inherited(options.environment(), MACHINE);
    environment.putAll(matching(options.environment(), TRACES));
    environment.putAll(options.deployment().alertSecrets(options.environment()));
    environment.put("EDGE_CONFIG", edgeConfig(options, values, admin).toString());
    environment.put("GATEWAY_SECRET", values.gatewaySecret().reveal());
    environment.put("EDGE_ADMIN_TOKEN", values.adminToken().reveal());
    environment.put("EDGE_JOURNAL", DataFolder.run(options.data()).toString());
    return environment;
  }

  private static ObjectNode edgeConfig(PairOptions options, EdgeValues values, URI admin) {
    Deployment deployment = options.deployment();
    ObjectNode config =
        Call.object()
            .put("host", LOOPBACK)
            .put("port", values.port())
            .put("adminSocket", admin.getPath());
    ArrayNode origins = config.putArray("origins");
    for (int i = 0; i < values.origins().size(); i++) {
      String name = deployment.origins().get(i).name();
      ObjectNode origin =
          origins.addObject().put("name", name).put("url", values.origins().get(i).toString());
      if (values.drained().contains(name)) {
        origin.put("drained", true);
      }
    }
    config.set("monitor", EdgeConfig.monitor(deployment.monitor()));
    EdgeConfig.addAlerts(config, deployment);
    EdgeConfig.addBilling(config, deployment);
    EdgeConfig.addEdge(config, deployment.edge());
    // By the name that the issuer of tokens and the clients use.
    options.guard().addTo(config, "http://localhost:" + values.port() + EdgeConfig.MCP);
    return config;
  }

  static String url(int port) {
    return "http://" + LOOPBACK + ":" + port;
  }

  private static Map<String, String> matching(Map<String, String> caller, Pattern names) {
    Map<String, String> environment = new TreeMap<>(caller);
    environment.keySet().removeIf(name -> !names.matcher(name).matches());
    return environment;
  }

  private static Map<String, String> inherited(
      Map<String, String> caller, Collection<String> names) {
    Map<String, String> environment = new TreeMap<>(caller);
    environment.keySet().retainAll(names);
    return environment;
  }
}
