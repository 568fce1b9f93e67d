package com.mcpist.origin.admin;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.origin.admin.AdminClient.Answer;
import com.mcpist.origin.fixture.PgBouncer;
import com.mcpist.testkit.Conditions;
import com.mcpist.testkit.Need;
import com.mcpist.testkit.Needs;
import com.mcpist.testkit.PostgresServer;
import com.mcpist.testkit.TestDatabase;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** The admin path when its database is away, busy, or behind a pooler. */
final class AdminDatabaseTest {
  @Test
  void aDatabaseThatIsAwayIsSaidAndUsedAgainOnceItIsBack() {
    try (PostgresServer server = PostgresServer.start();
        AdminClient client = AdminClient.on(server.originUrl(), server.url())) {
      UUID token = UUID.randomUUID();
      assertThat(client.lock(token, "ann").status()).isEqualTo(200);

      server.stop();
      Answer away = client.lockOnce(token, "ann");
      assertThat(away.status()).isEqualTo(503);
      assertThat(away.code()).isEqualTo("database_away");

      server.resume();
      assertThat(client.lock(token, "ann").status()).isEqualTo(200);
      Conditions.await(
          "that is told",
          () -> !client.get("events?kind=database").body().path("events").isEmpty());
      JsonNode told = client.get("events?kind=database").body().path("events").get(0);
      assertThat(told.path("message").asString())
          .isEqualTo("production-primary had no answer from the database");
      assertThat(told.path("data").path("cause").asString()).isNotEmpty();
      assertThat(Instant.parse(told.path("ended").asString()))
          .isAfter(Instant.parse(told.path("at").asString()));
    }
  }

  @Test
  void connectionsThatAreLostUnseenCostNothing() throws Exception {
    try (TestDatabase database = TestDatabase.create();
        AdminClient client = AdminClient.on(database)) {
      UUID token = UUID.randomUUID();
      for (int i = 0; i < 3; i++) {
        // A slow machine may take longer to connect than a request waits.
        Conditions.await(
            "a connection that is lost costs nothing",
            () -> {
              Jdbi.create(database.dataSource())
                  .useHandle(
                      h ->
                          h.execute(
                              "select pg_terminate_backend(pid, 5000) from pg_stat_activity where"
                                  + " datname = current_database() and pid <> pg_backend_pid()"));
              return client.lockOnce(token, "ann").status() == 200;
            });
      }
    }
  }

  @Test
  void withoutItsSchemaItSaysThatTheDatabaseIsAway() {
    try (PostgresServer server = PostgresServer.start()) {
      server.stop();
      try (AdminClient client = AdminClient.starting(server.originUrl(), server.url(), Map.of())) {
        assertThat(client.lockOnce(UUID.randomUUID(), "ann").databaseAway()).isTrue();
      }
    }
  }

  @Test
  void howeverManyAskTheyTakeTwoConnectionsAndLeaveTheRestToCalls() throws Exception {
    try (TestDatabase database = TestDatabase.create();
        AdminClient client = AdminClient.on(database);
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
        Handle other = Jdbi.create(database.dataSource()).open()) {
      client.lock(UUID.randomUUID(), "the one who is in the way");
      other.begin();
      other.execute("select from deployment_lock for update");
      List<Future<Answer>> asked = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        asked.add(threads.submit(() -> client.lockOnce(UUID.randomUUID(), "one of many")));
      }
      int most = 0;
      while (!asked.stream().allMatch(Future::isDone)) {
        most = Math.max(most, waiting(database));
      }
      assertThat(most).isEqualTo(2).isLessThan(AdminClient.POOL_SIZE);
      for (Future<Answer> one : asked) {
        assertThat(one.get().databaseAway()).isTrue();
      }
      other.rollback();
      assertThat(client.get("lock").status()).isEqualTo(200);
    }
  }

  private static int waiting(TestDatabase database) {
    return Jdbi.create(database.dataSource())
        .withHandle(
            h ->
                h.createQuery(
                        "select count(*) from pg_stat_activity where datname = current_database()"
                            + " and wait_event_type = 'Lock'")
                    .mapTo(Integer.class)
                    .one());
  }

  @Test
  @Needs(Need.PGBOUNCER)
  @SuppressWarnings("try") // A test that is interrupted ends, and says so.
  void itWorksThroughAPoolerInTransactionMode(@TempDir Path folder) throws Exception {
    try (TestDatabase database = TestDatabase.create();
        PgBouncer pooler = PgBouncer.before(database, folder);
        AdminClient one = AdminClient.on(pooler.url(), database.url());
        AdminClient other = AdminClient.on(pooler.url(), database.url())) {
      UUID token = UUID.randomUUID();
      for (int i = 0; i < 5; i++) {
        AdminClient client = i % 2 == 0 ? one : other;
        assertThat(client.lock(token, "ann").status()).isEqualTo(200);
        String id = UUID.randomUUID().toString();
        assertThat(client.put("releases/" + id, AdminClient.release(token, "failed")).status())
            .isEqualTo(200);
        String event = "events/" + UUID.randomUUID();
        assertThat(client.put(event, AdminClient.event("failed")).status()).isEqualTo(204);
      }
      assertThat(one.get("releases").body().get("releases").size()).isEqualTo(5);
    }
  }
}
