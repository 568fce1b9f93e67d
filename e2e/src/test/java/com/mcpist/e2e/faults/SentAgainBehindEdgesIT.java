package com.mcpist.e2e.faults;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.drill.link.FaultProxy;
import com.mcpist.e2e.contract.EdgeKind;
import com.mcpist.e2e.harness.Load;
import com.mcpist.e2e.harness.McpConnection;
import com.mcpist.e2e.harness.Savers;
import com.mcpist.testkit.Conditions;
import com.mcpist.testkit.HttpMessage;
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
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Clients without idempotency keys that have no answer, and send the call again. */
@Tag("long")
class SentAgainBehindEdgesIT {
  private static final int LEAVING = 8;
  private static final int SOME = 50;
  private static final Duration LIMIT = Duration.ofMinutes(2);

  private static final List<String> REVISIONS = List.of(McpConnection.VERSION, "2025-11-25");

  /** After so many bytes of a response. */
  private static final long[] CUTS = {0, 40, 400};

  private final KeyedPair pair = new KeyedPair();

  @BeforeEach
  void start() throws IOException {
    pair.start();
  }

  @AfterEach
  void stop() throws IOException {
    pair.close();
  }

  /** A Worker takes an answer for delivered of which it has written the last byte. */
  @Test
  void aCallSentAgainAfterACutRunsOnce() throws Exception {
    Queue<UUID> told = new ConcurrentLinkedQueue<>();
    try (EdgeKind.Running edge = EdgeKind.JAVA.start(pair.config());
        FaultProxy link =
            FaultProxy.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), edge.port()))) {
      KeyedPair.awaitWell(edge);
      try (Load load =
          Load.start(
              link.port(), KeyedPair.USERS, (_, c, n) -> saveUntilTold(link.port(), c, n, told))) {
        for (int round = 0; round < 30; round++) {
          int enough = told.size() + SOME;
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
    try (EdgeKind.Running edge = kind.start(pair.config());
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      KeyedPair.awaitWell(edge);
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
    try (Connection other = pair.database().dataSource().getConnection();
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
    return request(revision, pair.key(shared ? 0 : client), revision, id);
  }

  private void assertEachRanOnce(Queue<UUID> told) throws SQLException {
    List<UUID> saved =
        Savers.saved(pair.database().dataSource(), "20").values().stream()
            .flatMap(List::stream)
            .toList();
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
      String call = request(revision, pair.key(client % 2 * client), title, number + "." + sending);
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
}
