package com.mcpist.e2e.security;

import com.mcpist.deploy.secret.ApiKey;
import com.mcpist.e2e.contract.EdgeKind;
import com.mcpist.e2e.harness.Databases;
import com.mcpist.e2e.harness.EdgeConfig;
import com.mcpist.e2e.harness.Program;
import com.mcpist.testkit.Conditions;
import com.mcpist.testkit.HttpMessage;
import com.mcpist.testkit.Issuer;
import com.mcpist.testkit.Ports;
import com.mcpist.testkit.RawHttp;
import com.mcpist.testkit.TestDatabase;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jose4j.jwk.PublicJsonWebKey;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** A real origin with both edges in front, and what those who attack it may have got hold of. */
final class Stage implements AutoCloseable {
  static final String RESOURCE = "https://mcp.example.com/mcp";
  static final String HOST = "localhost";

  /** A user who may call three times a minute. */
  static final String SMALL_PLAN = "carol";

  private static final String ADMIN_TOKEN = "the-admin-token-of-a-stage-0123456789abcdef";

  final Issuer issuer = Issuer.start();
  final PublicJsonWebKey signing = issuer.key("one", "RS256");

  /** Another issuer, which has published a key of its own and which nobody has heard of. */
  final Issuer stranger = Issuer.start();

  final PublicJsonWebKey strangersKey = stranger.key("strange", "RS256");
  final String key;
  final String revoked;
  final String expired;

  /** A good one, of a user that nothing else is sent for. */
  final String runaway;

  private final TestDatabase database = TestDatabase.create();
  private final int originPort = Ports.free();
  private final Program origin;
  private final EdgeKind.Running javaEdge;
  private final EdgeKind.Running worker;

  Stage() throws IOException, SQLException {
    origin = Program.origin(environment());
    origin.await("it is healthy", () -> get(originPort, "/health").status() == 200);
    javaEdge = EdgeKind.JAVA.start(config());
    worker = EdgeKind.WORKER.start(config());
    key = create("good", "alice", null);
    revoked = create("revoked", "alice", null);
    Instant end = Instant.now().plusSeconds(15);
    expired = create("expired", "alice", end);
    runaway = create("runaway", "mallory", null);
    administer("PUT", "/plans/small", "{\"callsPerMinute\":3,\"callsAtOnce\":1}");
    administer("PUT", "/users/" + SMALL_PLAN, "{\"plan\":\"small\"}");
    administer("DELETE", "/keys/revoked", "");
    Conditions.await(
        "a key has expired and one is revoked",
        Duration.ofMinutes(1),
        // Calls before would be of the share that the user has in a minute.
        () ->
            Instant.now().isAfter(end)
                && status(key) == 200
                && status(expired) == 401
                && status(revoked) == 401);
  }

  private Map<String, String> environment() {
    return Map.of(
        "ENVIRONMENT",
        "production-primary",
        "GATEWAY_SECRET",
        EdgeConfig.SECRET,
        "ADMIN_TOKEN",
        ADMIN_TOKEN,
        "HOST",
        "127.0.0.1",
        "PORT",
        Integer.toString(originPort),
        "MIGRATION_DATABASE_URL",
        database.url(),
        "DATABASE_URL",
        Databases.ofOrigins(database.url()));
  }

  private ObjectNode config() {
    ObjectNode config = JsonMapper.shared().createObjectNode();
    config.putArray("allowedHosts").add(HOST);
    config
        .putArray("origins")
        .addObject()
        .put("name", "origin")
        .put("url", "http://127.0.0.1:" + originPort);
    config.putObject("edge").put("waitSeconds", 1).put("maxBodyBytes", 1_048_576);
    // So few that a slow machine sends made-up keys faster than they are let through, four a
    // second.
    config
        .putObject("limits")
        .put("addressPerMinute", 30)
        .put("userPerSecond", 10)
        .put("userBurst", 100);
    ObjectNode auth = config.putObject("auth").put("resource", RESOURCE).put("keys", true);
    auth.putObject("jwt").put("issuer", Issuer.NAME).put("jwks", issuer.jwks().toString());
    return config;
  }

  private String create(String name, String user, @Nullable Instant expires) throws IOException {
    ApiKey made = ApiKey.create();
    ObjectNode body = JsonMapper.shared().createObjectNode();
    body.put("name", name).put("user", user).put("digest", made.digest());
    body.put("expires", expires == null ? null : expires.toString());
    administer("POST", "/keys", body.toString());
    return made.secret().reveal();
  }

  /** Asks the origin's admin path, which must answer well. */
  void administer(String method, String path, String body) throws IOException {
    HttpMessage answer =
        RawHttp.exchange(
            originPort,
            "%s /api/admin%s HTTP/1.1\r\nHost: localhost\r\nX-Gateway-Secret: %s\r\n"
                    .formatted(method, path, EdgeConfig.SECRET)
                + "Authorization: Bearer %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"
                    .formatted(ADMIN_TOKEN, body.length(), body));
    if (answer.status() / 100 != 2) {
      throw new AssertionError(answer + "\n" + answer.text());
    }
  }

  /** The status with which the origin answers a call with this key. */
  private int status(String with) throws IOException {
    return exchange(Target.ORIGIN, Requests.call(Requests.passedOn(with))).status();
  }

  HttpMessage exchange(Target target, String request) throws IOException {
    return exchange(target, request, "127.0.0.1");
  }

  /**
   * Sends a request, each character of which is one byte, from an address of loopback. The Worker
   * is told the address by a header, as Cloudflare tells it.
   */
  HttpMessage exchange(Target target, String request, String from) throws IOException {
    String sent =
        target == Target.WORKER
            ? request.replaceFirst("\r\n", "\r\nCF-Connecting-IP: " + from + "\r\n")
            : request;
    try (RawHttp http = RawHttp.connect(port(target), InetAddress.getByName(from))) {
      return http.send(sent.getBytes(StandardCharsets.ISO_8859_1)).read();
    }
  }

  int port(Target target) {
    return switch (target) {
      case JAVA_EDGE -> javaEdge.port();
      case WORKER -> worker.port();
      case ORIGIN -> originPort;
    };
  }

  private static HttpMessage get(int port, String path) throws IOException {
    return RawHttp.exchange(port, "GET " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
  }

  /** What must be in no answer and in no log. */
  List<String> secrets() {
    return List.of(EdgeConfig.SECRET, ADMIN_TOKEN, key, revoked, expired);
  }

  /** What the three programs have logged. */
  String logs() throws IOException {
    return origin.log() + javaEdge.log() + worker.log();
  }

  /** How many memories there are, whoever's. */
  int memories() throws SQLException {
    try (var connection = database.dataSource().getConnection();
        var statement = connection.createStatement();
        var row = statement.executeQuery("select count(*) from memory")) {
      row.next();
      return row.getInt(1);
    }
  }

  /** Whose they are. */
  List<String> owners() throws SQLException {
    try (var connection = database.dataSource().getConnection();
        var statement = connection.createStatement();
        var row =
            statement.executeQuery(
                "select coalesce(array_agg(distinct user_id), '{}') from memory")) {
      row.next();
      return List.of((String[]) row.getArray(1).getArray());
    }
  }

  @Override
  public void close() throws IOException, SQLException {
    worker.close();
    javaEdge.close();
    origin.close();
    issuer.close();
    stranger.close();
    database.close();
  }
}
