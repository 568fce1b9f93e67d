package com.mcpist.e2e.faults;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.deploy.secret.ApiKey;
import com.mcpist.e2e.contract.EdgeKind;
import com.mcpist.e2e.harness.EdgeConfig;
import com.mcpist.e2e.harness.Program;
import com.mcpist.testkit.Conditions;
import com.mcpist.testkit.HttpMessage;
import com.mcpist.testkit.Ports;
import com.mcpist.testkit.PostgresServer;
import com.mcpist.testkit.RawHttp;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.StreamSupport;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Two origins with one database, and users with an API key each, for edges of both kinds. */
public final class KeyedPair implements AutoCloseable {
  static final int USERS = 16;

  private static final Duration LIMIT = Duration.ofMinutes(2);
  private static final String ADMIN_TOKEN = "the-admin-token-of-an-origin-0123456789abcdef";

  private final PostgresServer database = PostgresServer.start();
  private final Map<String, Integer> ports = new TreeMap<>();
  private final Map<String, Program> origins = new ConcurrentHashMap<>();
  private final List<String> keys = new ArrayList<>();

  public void start() throws IOException {
    for (String origin : List.of("primary", "standby")) {
      ports.put(origin, Ports.free());
      launch(origin);
    }
    administer("PUT", "/plans/large", "{\"callsPerMinute\":60000,\"callsAtOnce\":10}");
    for (int number = 0; number < USERS; number++) {
      String user = "user-" + number;
      keys.add(createKey(user));
      administer("PUT", "/users/" + user, "{\"plan\":\"large\"}");
    }
  }

  /** Creates an API key of this user. */
  public String createKey(String user) throws IOException {
    ApiKey key = ApiKey.create();
    ObjectNode body = JsonMapper.shared().createObjectNode();
    body.put("name", user).put("user", user).put("digest", key.digest());
    administer("POST", "/keys", body.toString());
    return key.secret().reveal();
  }

  PostgresServer database() {
    return database;
  }

  String key(int user) {
    return keys.get(user);
  }

  Program origin(String name) {
    return origins.computeIfAbsent(
        name,
        none -> {
          throw new IllegalStateException(none);
        });
  }

  void launch(String name) throws IOException {
    int port = ports.getOrDefault(name, 0);
    Program origin =
        Program.origin(
            Map.of(
                "ENVIRONMENT",
                "production-" + name,
                "GATEWAY_SECRET",
                EdgeConfig.SECRET,
                "ADMIN_TOKEN",
                ADMIN_TOKEN,
                "HOST",
                "127.0.0.1",
                "PORT",
                Integer.toString(port),
                "MIGRATION_DATABASE_URL",
                database.url(),
                "DATABASE_URL",
                database.originUrl()));
    origins.put(name, origin);
    origin.await(
        name + " is healthy",
        () ->
            RawHttp.exchange(port, "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n").status()
                == 200);
  }

  /** An edge's, for these origins. */
  public ObjectNode config() {
    ObjectNode config = JsonMapper.shared().createObjectNode();
    config.putArray("allowedHosts").add("localhost");
    ports.forEach(
        (name, port) ->
            config
                .withArray("origins")
                .addObject()
                .put("name", name)
                .put("url", "http://127.0.0.1:" + port));
    config
        .putObject("limits")
        .put("addressPerMinute", 100_000)
        .put("userPerSecond", 1000)
        .put("userBurst", 1000);
    config.putObject("auth").put("resource", "https://mcp.example.com/mcp").put("keys", true);
    config.putObject("monitor").put("intervalSeconds", 1).put("timeoutSeconds", 1);
    // It is to have its calls back soon, and a machine in use may take its time with a database.
    config
        .putObject("edge")
        .put("holdDownSeconds", 0.5)
        .put("holdDownMaxSeconds", 0.5)
        .put("waitSeconds", 60);
    return config;
  }

  public static void awaitWell(EdgeKind.Running edge) {
    Conditions.await(
        "both origins are healthy and the primary serves",
        LIMIT,
        () -> {
          JsonNode status = JsonMapper.shared().readTree(edge.administer("GET", "/status").body());
          JsonNode all = status.path("origins");
          return all.path(0).path("active").asBoolean(false)
              && StreamSupport.stream(all.spliterator(), false)
                  .allMatch(origin -> origin.path("state").asString("").equals("healthy"));
        });
  }

  private void administer(String method, String path, String body) throws IOException {
    HttpMessage answer =
        RawHttp.exchange(
            ports.getOrDefault("primary", 0),
            "%s /api/admin%s HTTP/1.1\r\nHost: localhost\r\nX-Gateway-Secret: %s\r\n"
                    .formatted(method, path, EdgeConfig.SECRET)
                + "Authorization: Bearer %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"
                    .formatted(ADMIN_TOKEN, body.length(), body));
    assertThat(answer.status() / 100).as(answer.text()).isEqualTo(2);
  }

  @Override
  public void close() throws IOException {
    for (Program origin : origins.values()) {
      origin.close();
    }
    database.close();
  }
}
