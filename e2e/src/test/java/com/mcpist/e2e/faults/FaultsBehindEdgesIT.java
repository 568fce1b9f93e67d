package com.mcpist.e2e.faults;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.deploy.secret.ApiKey;
import com.mcpist.drill.link.FaultProxy;
import com.mcpist.e2e.contract.EdgeKind;
import com.mcpist.e2e.harness.EdgeConfig;
import com.mcpist.e2e.harness.Load;
import com.mcpist.e2e.harness.McpConnection;
import com.mcpist.e2e.harness.Processes;
import com.mcpist.e2e.harness.Program;
import com.mcpist.e2e.harness.Savers;
import com.mcpist.testkit.Conditions;
import com.mcpist.testkit.HttpMessage;
import com.mcpist.testkit.Ports;
import com.mcpist.testkit.PostgresServer;
import com.mcpist.testkit.RawHttp;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Users with an API key each, and with limits, who save while an origin or the database is broken:
 * half of them through each edge. Both edges have the same origins, so each fault happens once.
 */
@Tag("long")
class FaultsBehindEdgesIT {
  private static final int CLIENTS = 16;
  private static final int LEAVING = 8;
  private static final int SOME = 200;
  private static final String ADMIN_TOKEN = "the-admin-token-of-an-origin-0123456789abcdef";
  private static final Duration LIMIT = Duration.ofMinutes(2);

  private static final List<String> REVISIONS = List.of(McpConnection.VERSION, "2025-11-25");

  /** After so many bytes of a response. */
  private static final long[] CUTS = {0, 40, 400};

  private static final Duration BROKEN = Duration.ofSeconds(5);
  private static final Duration LOCKED = Duration.ofSeconds(35);
  private static final String OF_ORIGINS =
      " from pg_stat_activity where usename = '" + PostgresServer.ORIGIN_USER + "'";
  private static final String READ_ONLY =
      "alter role " + PostgresServer.ORIGIN_USER + " %s default_transaction_read_only%s";

  private final PostgresServer database = PostgresServer.start();
  private final Map<String, Integer> ports = new TreeMap<>();
  private final Map<String, Program> origins = new ConcurrentHashMap<>();
  private final List<String> keys = new ArrayList<>();
  private final Map<String, UUID> answered = new ConcurrentHashMap<>();

  private enum Fault {
    KILL,
    HANG,
    DATABASE_KILLED,
    READ_ONLY,
    CANCELLED,
    LOCKED,
    OPEN_TRANSACTION
  }

  @BeforeEach
  void start() throws IOException {
    for (String origin : List.of("primary", "standby")) {
      ports.put(origin, Ports.free());
      launch(origin);
    }
    administer("PUT", "/plans/large", "{\"callsPerMinute\":60000,\"callsAtOnce\":10}");
    for (int client = 0; client < CLIENTS; client++) {
      String user = "user-" + client;
      ApiKey key = ApiKey.create();
      ObjectNode body = JsonMapper.shared().createObjectNode();
      body.put("name", user).put("user", user).put("digest", key.digest());
      administer("POST", "/keys", body.toString());
      administer("PUT", "/users/" + user, "{\"plan\":\"large\"}");
      keys.add(key.secret().reveal());
    }
  }

  @AfterEach
  void stop() throws IOException {
    for (Program origin : origins.values()) {
      origin.close();
    }
    database.close();
  }

  @Test
  void noSaveFailsIsLostOrRunsTwice() throws Exception {
    try (EdgeKind.Running java = EdgeKind.JAVA.start(config());
        EdgeKind.Running worker = EdgeKind.WORKER.start(config())) {
      for (Fault fault : Fault.values()) {
        awaitWell(java);
        awaitWell(worker);
        try (Load first = load(fault, java, 0);
            Load second = load(fault, worker, CLIENTS / 2)) {
          awaitSome(fault, first, second);
          breaks(fault);
          awaitSome(fault, first, second);
          awaitWell(java);
          awaitWell(worker);
          for (Load load : List.of(first, second)) {
            Load.Report report = load.stop();
            assertThat(report.failures()).as(fault + ": " + report.summary()).isEmpty();
          }
        }
        Map<String, List<UUID>> told = new TreeMap<>();
        answered.forEach((title, id) -> told.put(title, List.of(id)));
        answered.clear();
        assertThat(Savers.saved(database.dataSource(), fault + " ")).as("" + fault).isEqualTo(told);
      }
    }
  }

  /** A Worker takes an answer for delivered of which it has written the last byte. */
  @Test
  void aCallSentAgainAfterACutRunsOnce() throws Exception {
    Queue<UUID> told = new ConcurrentLinkedQueue<>();
    try (EdgeKind.Running edge = EdgeKind.JAVA.start(config());
        FaultProxy link =
            FaultProxy.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), edge.port()))) {
      awaitWell(edge);
      try (Load load =
          Load.start(link.port(), CLIENTS, (_, c, n) -> saveUntilTold(link.port(), c, n, told))) {
        for (int round = 0; round < 30; round++) {
          int enough = told.size() + SOME / 4;
          Conditions.await("more are saved", LIMIT, () -> told.size() > enough);
          link.resetResponsesAfter(CUTS[round % CUTS.length]);
          LockSupport.parkNanos(Duration.ofMillis(300).toNanos());
          link.mend();
        }
        Load.Report report = load.stop();
        assertThat(report.failures()).as(report.summary()).isEmpty();
      }
    }
    assertEachRanOnce(told);
  }

  @ParameterizedTest
  @EnumSource
  void aCallSentAgainByAClientThatLeftRunsOnce(EdgeKind kind) throws Exception {
    Queue<UUID> told = new ConcurrentLinkedQueue<>();
    try (EdgeKind.Running edge = kind.start(config());
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      awaitWell(edge);
      for (int round = 0; round < 30; round++) {
        leaveBeforeTheAnswer(edge.port());
        List<Callable<Boolean>> again = new ArrayList<>();
        for (int client = 0; client < LEAVING; client++) {
          String call = saveOf(client, "again");
          again.add(() -> told.add(idIn(RawHttp.exchange(edge.port(), call))));
        }
        for (Future<Boolean> sending : threads.invokeAll(again)) {
          sending.get();
        }
      }
    }
    assertEachRanOnce(told);
  }

  /** Nobody has an answer before the table is unlocked, so none is on its way to who leaves. */
  private void leaveBeforeTheAnswer(int port) throws Exception {
    List<RawHttp> clients = new ArrayList<>();
    try (Connection other = database.dataSource().getConnection();
        Statement in = other.createStatement()) {
      other.setAutoCommit(false);
      in.execute("lock table memory");
      for (int client = 0; client < LEAVING; client++) {
        clients.add(RawHttp.connect(port).send(saveOf(client, "first")));
      }
      // A Worker lets one of two equal calls wait.
      Conditions.await("the calls wait for the table", LIMIT, () -> waiting(in) >= LEAVING - 2);
      for (RawHttp client : clients) {
        client.close();
      }
      other.rollback();
    }
  }

  private static int waiting(Statement in) throws SQLException {
    String sql =
        "select count(*) from pg_locks where relation = 'memory'::regclass and not granted";
    try (ResultSet row = in.executeQuery(sql)) {
      row.next();
      return row.getInt(1);
    }
  }

  /** Half of the clients are one user. Of these, both of a revision make the same call. */
  private String saveOf(int client, String id) {
    boolean shared = client < LEAVING / 2;
    String revision = REVISIONS.get(client % REVISIONS.size());
    return request(revision, keys.get(shared ? 0 : client), revision, id);
  }

  private void assertEachRanOnce(Queue<UUID> told) throws SQLException {
    List<UUID> saved =
        Savers.saved(database.dataSource(), "20").values().stream().flatMap(List::stream).toList();
    assertThat(told).doesNotHaveDuplicates().containsExactlyInAnyOrderElementsOf(saved);
  }

  /**
   * As a client without keys does: under a new id, on a new connection. Half of the clients of a
   * revision are one user, and every second call of a client is the same one.
   */
  private String saveUntilTold(int port, int client, int number, Queue<UUID> told) {
    String revision = REVISIONS.get(client % 4 / 2);
    String title = revision + (number % 2 == 0 ? "" : " %d %d".formatted(client, number));
    for (int sending = 0; ; sending++) {
      String call = request(revision, keys.get(client % 2 * client), title, number + "." + sending);
      try {
        HttpMessage answer = RawHttp.exchange(port, call);
        told.add(idIn(answer));
        return answer.header("X-Served-By").orElse("");
      } catch (IOException | UncheckedIOException e) {
        LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
      }
    }
  }

  private static String request(String revision, String key, String title, String id) {
    String headers =
        "Accept: application/json, text/event-stream\nMCP-Protocol-Version: %s\nMcp-Method: tools/call\nMcp-Name: memory_save\nAuthorization: Bearer %s"
            .formatted(revision, key);
    ObjectNode body = JsonMapper.shared().createObjectNode();
    body.put("jsonrpc", "2.0").put("id", id).put("method", "tools/call");
    ObjectNode params = body.putObject("params").put("name", "memory_save");
    params.set("arguments", JsonMapper.shared().valueToTree(Savers.arguments(title)));
    ObjectNode meta = params.putObject("_meta");
    if (revision.equals(McpConnection.VERSION)) {
      meta.put("io.modelcontextprotocol/protocolVersion", revision);
      meta.putObject("io.modelcontextprotocol/clientCapabilities");
    }
    return RawHttp.post("/mcp", headers, body.toString());
  }

  private static UUID idIn(HttpMessage answer) {
    String result = answer.text().substring(answer.text().indexOf('{')); // Of a stream, too.
    JsonNode message = JsonMapper.shared().readTree(result);
    return UUID.fromString(message.at("/result/structuredContent/id").asString());
  }

  private Load load(Fault fault, EdgeKind.Running edge, int firstUser) {
    return Load.start(
        edge.port(), CLIENTS / 2, (c, i, n) -> save(fault.name(), c, firstUser + i, n));
  }

  private String save(String name, McpConnection connection, int client, int number)
      throws IOException {
    String title = name + " client " + client + " number " + number;
    McpConnection.Reply reply =
        connection
            .patience(LIMIT)
            .call(
                "memory_save",
                Savers.arguments(title),
                "Authorization: Bearer " + keys.get(client));
    answered.put(title, UUID.fromString(reply.structured().findPath("id").asString()));
    return reply.servedBy();
  }

  private static void awaitSome(Fault fault, Load... loads) {
    for (Load load : loads) {
      int enough = load.calls() + SOME;
      Conditions.await(fault + ": " + SOME + " more are saved", LIMIT, () -> load.calls() > enough);
    }
  }

  private void breaks(Fault fault) throws Exception {
    switch (fault) {
      case KILL -> {
        origin("primary").close();
        launch("primary");
      }
      case HANG -> {
        Processes.signal(origin("primary").pid(), "STOP");
        LockSupport.parkNanos(2 * BROKEN.toNanos());
        Processes.signal(origin("primary").pid(), "CONT");
      }
      case DATABASE_KILLED -> {
        database.kill();
        database.resume();
      }
      case READ_ONLY -> {
        execute(
            READ_ONLY.formatted("set", " = on"), "select pg_terminate_backend(pid)" + OF_ORIGINS);
        LockSupport.parkNanos(BROKEN.toNanos());
        execute(READ_ONLY.formatted("reset", ""), "select pg_terminate_backend(pid)" + OF_ORIGINS);
      }
      case CANCELLED -> {
        long end = System.nanoTime() + BROKEN.toNanos();
        while (System.nanoTime() < end) {
          execute("select pg_cancel_backend(pid)" + OF_ORIGINS);
          LockSupport.parkNanos(Duration.ofMillis(250).toNanos());
        }
      }
      case LOCKED -> holds("lock table memory", LOCKED);
      case OPEN_TRANSACTION -> holds("select count(*) from memory", BROKEN);
    }
  }

  /** Somebody else's transaction. */
  private void holds(String statement, Duration length) throws SQLException {
    try (Connection other = database.dataSource().getConnection();
        Statement in = other.createStatement()) {
      other.setAutoCommit(false);
      in.execute("set transaction isolation level repeatable read");
      in.execute(statement);
      LockSupport.parkNanos(length.toNanos());
      other.rollback();
    }
  }

  private void execute(String... statements) throws SQLException {
    try (Connection connection = database.dataSource().getConnection();
        Statement statement = connection.createStatement()) {
      for (String each : statements) {
        statement.execute(each);
      }
    }
  }

  private static void awaitWell(EdgeKind.Running edge) {
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

  private ObjectNode config() {
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

  private Program origin(String name) {
    return origins.computeIfAbsent(
        name,
        none -> {
          throw new IllegalStateException(none);
        });
  }

  private void launch(String name) throws IOException {
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
}
