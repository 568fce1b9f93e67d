package com.mcpist.e2e.faults;

import static com.mcpist.e2e.harness.Pair.PRIMARY;
import static com.mcpist.e2e.harness.Pair.STANDBY;
import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.e2e.harness.Failover;
import com.mcpist.e2e.harness.Load;
import com.mcpist.e2e.harness.McpConnection;
import com.mcpist.e2e.harness.Rig;
import com.mcpist.e2e.harness.RigPlan;
import com.mcpist.e2e.harness.Savers;
import com.mcpist.testkit.Conditions;
import com.mcpist.testkit.PostgresServer;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Clients that save while the one database behind both origins goes away and comes back. */
@Tag("long")
class DatabaseRestartIT {

  private static final int CLIENTS = 16;
  private static final int SOME = 100;
  private static final Duration LIMIT = Duration.ofMinutes(3);

  private final String mark = UUID.randomUUID().toString();

  /** By title, what the error said of the call. */
  private final Map<String, JsonNode> unanswered = new ConcurrentHashMap<>();

  private final Map<String, UUID> answered = new ConcurrentHashMap<>();
  private static PostgresServer database;

  @BeforeAll
  static void start() {
    database = PostgresServer.start();
  }

  @AfterAll
  static void stop() {
    database.close();
  }

  @Test
  void aServerThatIsBackInTimeWasNeverAway() throws Exception {
    try (Rig rig = RigPlan.on(database.url()).start();
        Savers savers = Savers.start(rig.port(), CLIENTS)) {
      savers.awaitMore(SOME, PRIMARY);

      database.kill();
      database.resume();
      savers.awaitMore(SOME);

      rig.awaitSettled();
      Instant before = Instant.now();
      database.stop();
      rig.kill(PRIMARY);
      database.resume();
      savers.awaitMore(SOME, STANDBY);
      rig.start(PRIMARY);
      rig.awaitSettled();
      savers.awaitMore(SOME, PRIMARY);

      savers.stop(database.dataSource()).assertAllSavedOnce();
      // Nobody could write it while it went on.
      assertThat(
              Failover.all(database.dataSource(), before).getFirst().data().path("from").asString())
          .isEqualTo(PRIMARY);
    }
  }

  @Test
  void aCallThatWaitedInVainSaysTrulyWhetherItMayBeSentAgain() throws Exception {
    try (Rig rig = RigPlan.on(database.url()).waitSeconds(1).start();
        Load load = Load.start(rig.port(), CLIENTS, this::save)) {
      awaitAnswered(SOME);
      database.kill();
      Conditions.await("some failed", LIMIT, () -> unanswered.size() >= 2 * CLIENTS);
      database.resume();
      awaitAnswered(answered.size() + SOME);
      assertThat(load.stop().failures()).isEmpty();
      rig.awaitSettled();

      Set<String> saved = Savers.saved(database.dataSource(), mark).keySet();
      assertThat(unanswered.entrySet())
          .filteredOn(e -> e.getValue().path("effect").asString().equals("none"))
          .noneMatch(e -> saved.contains(e.getKey()));
      sendAgain(rig.port());
    }
    Map<String, List<UUID>> saved = Savers.saved(database.dataSource(), mark);
    assertThat(saved.keySet()).isEqualTo(answered.keySet());
    answered.forEach((title, id) -> assertThat(saved.get(title)).as(title).containsExactly(id));
  }

  private String save(McpConnection connection, int client, int number) throws IOException {
    String title = mark + " client " + client + " number " + number;
    McpConnection.Reply reply =
        connection.patience(LIMIT).call("memory_save", Savers.arguments(title));
    if (reply.body().has("error")) {
      unanswered.put(title, reply.body().path("error").path("data"));
    } else {
      answered.put(title, id(reply));
    }
    return reply.servedBy();
  }

  private void awaitAnswered(int calls) {
    Conditions.await(calls + " calls are answered", LIMIT, () -> answered.size() >= calls);
  }

  // With the key that the error gave, which makes it the same call.
  private void sendAgain(int port) throws IOException {
    try (McpConnection client = McpConnection.open(port).patience(LIMIT)) {
      for (Map.Entry<String, JsonNode> each : unanswered.entrySet()) {
        String key = each.getValue().path("idempotencyKey").asString();
        Map<String, String> arguments = Savers.arguments(each.getKey());
        answered.put(
            each.getKey(), id(client.call("memory_save", arguments, "Idempotency-Key: " + key)));
      }
    }
  }

  private static UUID id(McpConnection.Reply reply) {
    return UUID.fromString(reply.structured().findPath("id").asString());
  }
}
