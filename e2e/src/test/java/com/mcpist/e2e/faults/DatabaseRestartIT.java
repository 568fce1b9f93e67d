package com.mcpist.e2e.faults;

import static com.mcpist.e2e.harness.Pair.PRIMARY;
import static com.mcpist.e2e.harness.Pair.STANDBY;
import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.e2e.harness.Load;
import com.mcpist.e2e.harness.McpConnection;
import com.mcpist.e2e.harness.Rig;
import com.mcpist.e2e.harness.RigPlan;
import com.mcpist.e2e.harness.Savers;
import com.mcpist.testkit.Conditions;
import com.mcpist.testkit.PostgresServer;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Clients that save while the one database behind both origins goes away and comes back. */
class DatabaseRestartIT {

  private static final int CLIENTS = 16;
  private static final int SOME = 100;
  private static final Duration LIMIT = Duration.ofMinutes(1);

  private PostgresServer database;

  @BeforeEach
  void start() {
    database = PostgresServer.start();
  }

  @AfterEach
  void stop() {
    database.close();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aServerThatIsBackInTimeWasNeverAway(boolean killed) throws Exception {
    try (Rig rig = RigPlan.on(database.url()).start()) {
      Savers savers = Savers.start(rig.port(), CLIENTS);
      savers.awaitMore(SOME, PRIMARY);

      takeAway(killed);
      database.resume();
      savers.awaitMore(SOME);
      rig.awaitSettled();

      takeAway(!killed);
      rig.kill(PRIMARY);
      database.resume();
      savers.awaitMore(SOME, STANDBY);
      rig.start(PRIMARY);
      rig.awaitSettled();
      savers.awaitMore(SOME, PRIMARY);

      savers.stop(database.dataSource()).assertAllSavedOnce();
    }
  }

  private void takeAway(boolean killed) {
    if (killed) {
      database.kill();
    } else {
      database.stop();
    }
  }

  @Test
  void aCallThatWaitedInVainSaysTrulyWhetherItMayBeSentAgain() throws Exception {
    String mark = UUID.randomUUID().toString();
    Map<String, JsonNode> unanswered = new ConcurrentHashMap<>();
    Map<String, UUID> answered = new ConcurrentHashMap<>();
    try (Rig rig = RigPlan.on(database.url()).waitSeconds(1).start()) {
      Load load =
          Load.start(
              rig.port(),
              CLIENTS,
              (connection, client, number) -> {
                String title = mark + " client " + client + " number " + number;
                McpConnection.Reply reply = connection.call("memory_save", Savers.arguments(title));
                if (reply.body().has("error")) {
                  unanswered.put(title, reply.body().path("error").path("data"));
                } else {
                  answered.put(title, id(reply));
                }
                return reply.servedBy();
              });
      Conditions.await("some are saved", LIMIT, () -> answered.size() >= SOME);
      database.kill();
      Conditions.await("some failed", LIMIT, () -> unanswered.size() >= 2 * CLIENTS);
      database.resume();
      int before = answered.size();
      Conditions.await("more are saved", LIMIT, () -> answered.size() >= before + SOME);
      assertThat(load.stop().failures()).isEmpty();
      rig.awaitSettled();

      Map<String, ?> saved = Savers.saved(database.dataSource(), mark);
      unanswered.forEach(
          (title, error) -> {
            if (error.path("mayBeSentAgain").asBoolean()) {
              assertThat(saved).as(error.toString()).doesNotContainKey(title);
            }
          });
      sendAgain(rig.port(), unanswered, answered);
    }
    var saved = Savers.saved(database.dataSource(), mark);
    assertThat(saved.keySet()).containsExactlyInAnyOrderElementsOf(answered.keySet());
    answered.forEach((title, id) -> assertThat(saved.get(title)).as(title).containsExactly(id));
  }

  // With the key that the error gave, which makes it the same call.
  private static void sendAgain(
      int port, Map<String, JsonNode> unanswered, Map<String, UUID> answered) throws Exception {
    try (McpConnection client = McpConnection.open(port)) {
      for (Map.Entry<String, JsonNode> each : unanswered.entrySet()) {
        String title = each.getKey();
        String key = each.getValue().path("idempotencyKey").asString();
        McpConnection.Reply reply =
            client.call("memory_save", Savers.arguments(title), "Idempotency-Key: " + key);
        answered.put(title, id(reply));
      }
    }
  }

  private static UUID id(McpConnection.Reply reply) {
    return UUID.fromString(reply.structured().findPath("id").asString());
  }
}
