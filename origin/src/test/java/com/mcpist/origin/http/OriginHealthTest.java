package com.mcpist.origin.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.mcpist.database.Channel;
import com.mcpist.database.DatabaseUrl;
import com.mcpist.origin.db.Database;
import com.mcpist.origin.fixture.TestSchema;
import com.mcpist.origin.http.HealthSource.OriginHealth;
import com.mcpist.testkit.Conditions;
import com.mcpist.testkit.PostgresServer;
import com.mcpist.testkit.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jdbi.v3.core.Handle;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

final class OriginHealthTest {
  private static final OriginHealth.Identity IDENTITY =
      new OriginHealth.Identity("v7", "sha256:abc", "production-primary", "here-1");

  private final AtomicReference<OptionalInt> schema = new AtomicReference<>(OptionalInt.of(2));

  private OriginHealth health(DatabaseMonitor monitor) {
    return new OriginHealth(
        IDENTITY,
        monitor,
        schema::get,
        () -> Map.of("DATABASE_URL", new Channel("TLSv1.3; login by scram", true)),
        () -> List.of("mend it"),
        System.nanoTime());
  }

  @Test
  void theReportSaysWhoAnswersAndHowItsDatabaseDoes() throws Exception {
    try (TestDatabase database = TestDatabase.create();
        DatabaseMonitor monitor =
            new DatabaseMonitor(
                DatabaseUrl.parse(database.url()), TestSchema.loginGate(), () -> {})) {
      OriginHealth health = health(monitor);
      HealthSource.Report report =
          Conditions.awaitValue(
              "the database has answered",
              Conditions.LIMIT,
              () -> Optional.of(health.check()).filter(HealthSource.Report::healthy));

      assertThat(report.details().path("release").asString()).isEqualTo("v7");
      assertThat(report.details().path("digest").asString()).isEqualTo("sha256:abc");
      assertThat(report.details().path("environment").asString()).isEqualTo("production-primary");
      assertThat(report.details().path("instance").asString()).isEqualTo("here-1");
      assertThat(report.details().path("database").path("schemaVersion").asInt()).isEqualTo(2);
      assertThat(report.details().path("database").path("latencyMillis").isNumber()).isTrue();
      assertThat(report.details().at("/database/connections/DATABASE_URL/told").asString())
          .isEqualTo("TLSv1.3; login by scram");
      assertThat(report.details().at("/database/connections/DATABASE_URL/trusted").asBoolean())
          .isTrue();
      assertThat(report.details().path("problems").values())
          .extracting(JsonNode::asString)
          .containsExactly("mend it");
      assertThat(report.details().path("uptimeSeconds").asLong()).isNotNegative();
      Conditions.await("it answered recently", health::databaseAnswered);
      Conditions.awaitAsserted(
          Conditions.LIMIT,
          () -> {
            JsonNode now = health.check().details();
            assertThat(now.path("clock").asLong())
                .isCloseTo(System.currentTimeMillis(), within(1_000L));
            assertThat(now.path("clockSkewMillis").asLong()).isBetween(-1_000L, 1_000L);
          });
    }
  }

  @Test
  void withoutItsSchemaItIsNotHealthy() throws Exception {
    schema.set(OptionalInt.empty());
    try (TestDatabase database = TestDatabase.create();
        DatabaseMonitor monitor =
            new DatabaseMonitor(
                DatabaseUrl.parse(database.url()), TestSchema.loginGate(), () -> {})) {
      OriginHealth health = health(monitor);
      Conditions.await("the database answers", health::databaseAnswered);

      assertThat(health.check().healthy()).isFalse();
      schema.set(OptionalInt.of(2));
      Conditions.await("it is healthy", () -> health.check().healthy());
    }
  }

  @Test
  void aDatabaseThatGoesAndComesBackIsFollowedByMonitorAndPool() {
    AtomicInteger losses = new AtomicInteger();
    try (PostgresServer server = PostgresServer.start()) {
      DatabaseUrl url = DatabaseUrl.parse(server.url());
      server.stop();
      try (Database pool =
              Database.open(
                  new Database.Config(url, Optional.empty(), 3, false), TestSchema.loginGate());
          DatabaseMonitor monitor =
              new DatabaseMonitor(
                  url,
                  TestSchema.loginGate(),
                  () -> {
                    losses.incrementAndGet();
                    pool.dropConnections();
                  })) {
        OriginHealth health = health(monitor);
        assertThat(health.check().healthy()).isFalse();
        for (int i = 0; i < 2; i++) {
          server.resume();
          Conditions.await("it is healthy again", () -> health.check().healthy());
          Conditions.await("the pool works again", () -> answers(pool));
          server.stop();
          Conditions.await("it is not healthy", () -> !health.check().healthy());
          assertThat(health.databaseAnswered()).isFalse();
        }
      }
    }
    assertThat(losses).hasPositiveValue();
  }

  /** As a primary that was demoted: for new sessions at once, for old ones when they end. */
  @Test
  void aDatabaseThatOnlyReadsIsAway() throws Exception {
    AtomicInteger losses = new AtomicInteger();
    try (TestDatabase database = TestDatabase.create();
        DatabaseMonitor monitor =
            new DatabaseMonitor(
                DatabaseUrl.parse(database.url()),
                TestSchema.loginGate(),
                losses::incrementAndGet)) {
      OriginHealth health = health(monitor);
      Conditions.await("it is healthy", () -> health.check().healthy());

      onlyReads(database, "on");
      Conditions.await(
          "it is away",
          () -> health.check().details().path("database").asString("").equals("read-only"));
      assertThat(health.check().healthy()).isFalse();
      assertThat(health.databaseAnswered()).isFalse();
      Conditions.await("the connections are dropped", () -> losses.get() == 1);

      onlyReads(database, "off");
      Conditions.await("it is healthy again", () -> health.check().healthy());
    }
  }

  private static void onlyReads(TestDatabase database, String value) throws SQLException {
    try (Connection connection = database.dataSource().getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute("begin read write");
      statement.execute(
          "do $$ begin execute format('alter database %I set default_transaction_read_only = "
              + value
              + "', current_database()); end $$");
      statement.execute("commit");
      statement.execute(
          "select pg_terminate_backend(pid) from pg_stat_activity"
              + " where datname = current_database() and pid <> pg_backend_pid()");
    }
  }

  private static boolean answers(Database pool) {
    try (Handle handle = pool.openFresh()) {
      return handle.createQuery("select 1").mapTo(Integer.class).one() == 1;
    }
  }

  @Test
  void callsThatHoldThePoolDoNotLookLikeADatabaseThatIsAway() throws Exception {
    try (TestDatabase database = TestDatabase.create()) {
      DatabaseUrl url = DatabaseUrl.parse(database.url());
      try (Database pool =
              Database.open(
                  new Database.Config(url, Optional.empty(), 1, false), TestSchema.loginGate());
          Handle held = pool.open();
          DatabaseMonitor monitor = new DatabaseMonitor(url, TestSchema.loginGate(), () -> {})) {
        assertThat(held.createQuery("select 1").mapTo(Integer.class).one()).isEqualTo(1);
        OriginHealth health = health(monitor);

        Conditions.await("it is healthy", () -> health.check().healthy());
        Conditions.await("the heartbeat says so", health::databaseAnswered);
      }
    }
  }
}
