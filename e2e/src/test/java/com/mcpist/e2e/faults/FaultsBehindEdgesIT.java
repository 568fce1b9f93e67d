package com.mcpist.e2e.faults;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.e2e.contract.EdgeKind;
import com.mcpist.e2e.harness.Load;
import com.mcpist.e2e.harness.McpConnection;
import com.mcpist.e2e.harness.Processes;
import com.mcpist.e2e.harness.Savers;
import com.mcpist.testkit.Conditions;
import com.mcpist.testkit.PostgresServer;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Users with an API key each, and with limits, who save while an origin or the database is broken:
 * half of them through each edge. Both edges have the same origins, so each fault happens once.
 */
@Tag("long")
class FaultsBehindEdgesIT {
  /** Through each edge. */
  private static final int CLIENTS = KeyedPair.USERS / 2;

  private static final int SOME = 200;
  private static final Duration LIMIT = Duration.ofMinutes(2);

  private static final Duration BROKEN = Duration.ofSeconds(5);
  private static final Duration LOCKED = Duration.ofSeconds(35);
  private static final String OF_ORIGINS =
      " from pg_stat_activity where usename = '" + PostgresServer.ORIGIN_USER + "'";
  private static final String READ_ONLY =
      "alter role " + PostgresServer.ORIGIN_USER + " %s default_transaction_read_only%s";

  private final Map<String, UUID> answered = new ConcurrentHashMap<>();
  private final KeyedPair pair = new KeyedPair();

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
    pair.start();
  }

  @AfterEach
  void stop() throws IOException {
    pair.close();
  }

  @Test
  void noSaveFailsIsLostOrRunsTwice() throws Exception {
    try (EdgeKind.Running java = EdgeKind.JAVA.start(pair.config());
        EdgeKind.Running worker = EdgeKind.WORKER.start(pair.config())) {
      for (Fault fault : Fault.values()) {
        KeyedPair.awaitWell(java);
        KeyedPair.awaitWell(worker);
        try (Load first = load(fault, java, 0);
            Load second = load(fault, worker, CLIENTS)) {
          awaitSome(fault, first, second);
          breaks(fault);
          awaitSome(fault, first, second);
          KeyedPair.awaitWell(java);
          KeyedPair.awaitWell(worker);
          for (Load load : List.of(first, second)) {
            Load.Report report = load.stop();
            assertThat(report.failures()).as(fault + ": " + report.summary()).isEmpty();
          }
        }
        Map<String, List<UUID>> told = new TreeMap<>();
        answered.forEach((title, id) -> told.put(title, List.of(id)));
        answered.clear();
        assertThat(Savers.saved(pair.database().dataSource(), fault + " "))
            .as("" + fault)
            .isEqualTo(told);
      }
    }
  }

  private Load load(Fault fault, EdgeKind.Running edge, int firstUser) {
    return Load.start(edge.port(), CLIENTS, (c, i, n) -> save(fault.name(), c, firstUser + i, n));
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
                "Authorization: Bearer " + pair.key(client));
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
        pair.origin("primary").close();
        pair.launch("primary");
      }
      case HANG -> {
        Processes.signal(pair.origin("primary").pid(), "STOP");
        LockSupport.parkNanos(2 * BROKEN.toNanos());
        Processes.signal(pair.origin("primary").pid(), "CONT");
      }
      case DATABASE_KILLED -> {
        pair.database().kill();
        pair.database().resume();
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
    try (Connection other = pair.database().dataSource().getConnection();
        Statement in = other.createStatement()) {
      other.setAutoCommit(false);
      in.execute("set transaction isolation level repeatable read");
      in.execute(statement);
      LockSupport.parkNanos(length.toNanos());
      other.rollback();
    }
  }

  private void execute(String... statements) throws SQLException {
    try (Connection connection = pair.database().dataSource().getConnection();
        Statement statement = connection.createStatement()) {
      for (String each : statements) {
        statement.execute(each);
      }
    }
  }
}
