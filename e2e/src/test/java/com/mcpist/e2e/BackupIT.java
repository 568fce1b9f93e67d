package com.mcpist.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.e2e.harness.Command;
import com.mcpist.e2e.harness.Load;
import com.mcpist.e2e.harness.McpConnection;
import com.mcpist.e2e.harness.Pair;
import com.mcpist.e2e.harness.Savers;
import com.mcpist.testkit.Conditions;
import com.mcpist.testkit.OriginsDatabase;
import com.mcpist.testkit.TestDatabase;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import javax.sql.DataSource;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** What clients have saved, out of a pair that they call, and into another one that they call. */
@Tag("long")
class BackupIT {
  private static final Map<String, String> SAVED_UNDER_A_KEY =
      Map.of("title", "Under a key", "text", "once");
  private static final Duration PAUSE = Duration.ofMillis(5);
  private static final Duration LIMIT = Duration.ofMinutes(2);
  private static final String KEY = "Idempotency-Key: backup-" + UUID.randomUUID();

  /** Has an import wait in its middle while a session has the lock. */
  private static final String HOLD =
      """
      create function hold() returns trigger language plpgsql
        as 'begin perform pg_advisory_xact_lock(1); return new; end';
      create trigger hold before insert on memory
        for each row when (new.title = 'Memory 1500') execute function hold();
      select pg_advisory_lock(1)
      """;

  @Test
  void whatWasAcknowledgedIsThereAndIsNotDoneAgain() throws Exception {
    try (Pair from = Pair.up();
        Pair into = Pair.up()) {
      Path file = from.home().resolve("backup.zip");
      String id = save(from, KEY);
      Map<String, String> acknowledged = new ConcurrentHashMap<>();
      Map<String, String> before;
      Load saving =
          Load.start(
              from.port(),
              4,
              PAUSE,
              (connection, client, number) -> {
                String title = "client " + client + " number " + number;
                McpConnection.Reply reply = connection.call("memory_save", Savers.arguments(title));
                acknowledged.put(title, reply.structured().findPath("id").asString());
                return reply.servedBy();
              });
      try (saving) {
        Conditions.await("they save", LIMIT, () -> acknowledged.size() > 200);
        before = new TreeMap<>(acknowledged);
        Command.Result backup = from.run("backup", file.toString());
        assertThat(backup.code()).as(backup.all()).isZero();
        assertThat(saving.stop().failures()).isEmpty();
      }

      Load reading =
          Load.start(
              into.port(),
              4,
              PAUSE,
              (connection, client, number) -> {
                McpConnection.Reply reply = connection.call("memory_list", Map.of());
                var _ = reply.structured();
                return reply.servedBy();
              });
      try (reading) {
        Command.Result restore = into.run("restore", file.toString());
        assertThat(restore.code()).as(restore.all()).isZero();
        assertThat(reading.stop().failures()).isEmpty();
      }

      Map<String, String> restored = saved(into.database());
      assertThat(restored).containsAllEntriesOf(before);
      assertThat(
              number(into.database(), "select count(*) from tool_call where tool = 'memory_save'"))
          .as("the ledger is of the same moment")
          .isEqualTo(restored.size());
      assertThat(save(into, KEY)).as("the ledger's keys").isEqualTo(id);
      assertThat(saved(into.database())).hasSameSizeAs(restored);
      String found = save(into, "");
      assertThat(found).as("it goes on").isNotEqualTo(id);
    }
  }

  @Test
  void anImportThatIsKilledIsFinishedByTheSameCommand() throws Exception {
    try (Pair pair = Pair.up()) {
      Path file = pair.home().resolve("many.jsonl");
      StringBuilder lines = new StringBuilder();
      for (int i = 0; i < 3000; i++) {
        lines.append(
            "{\"title\": \"Memory %d\", \"text\": \"%s\"}\n".formatted(i, "word ".repeat(40)));
      }
      Files.writeString(file, lines);
      String[] command = {"users", "import", "local", file.toString()};
      try (Connection holder = pair.database().getConnection()) {
        holder.createStatement().execute(HOLD);
        Process killed = pair.command(command).start();
        Conditions.await("it stores", LIMIT, () -> count(pair) > 200);
        killed.destroyForcibly().waitFor();
      }
      assertThat(count(pair)).isLessThan(3000);

      Command.Result again = pair.run(command);

      assertThat(again.code()).as(again.all()).isZero();
      assertThat(count(pair)).isEqualTo(3000);
      assertThat(pair.run(command).out()).contains("0 memories added, 3000 were there.");
      try (McpConnection client = McpConnection.open(pair.port())) {
        JsonNode page = client.call("memory_export", Map.of()).structured();
        assertThat(page.path("memories")).isNotEmpty();
      }
      Path exported = pair.home().resolve("exported.jsonl");
      Command.Result export = pair.run("users", "export", "local", exported.toString());
      assertThat(export.code()).as(export.all()).isZero();
      assertThat(Files.readAllLines(exported)).hasSize(3000);
      assertThat(pair.run("users", "import", "bob", exported.toString()).out())
          .as("another user's copy")
          .contains("3000 memories added, 0 were there.");
      assertThat(pair.run("users", "import", "bob", exported.toString()).out())
          .contains("0 memories added, 3000 were there.");
    }
  }

  @Test
  void anOriginMakesTheTablesOfAnEmptyDatabase() throws Exception {
    try (OriginsDatabase from = OriginsDatabase.create();
        TestDatabase into = TestDatabase.create();
        Pair folder = Pair.prepare(Map.of())) {
      from.save("ann", 1, 100);
      String file = folder.home().resolve("backup.zip").toString();
      for (Map.Entry<String, String> step :
          List.of(Map.entry("backup", from.url()), Map.entry("restore", into.url()))) {
        ProcessBuilder command = folder.command(step.getKey(), file);
        command.environment().put("DATABASE_URL", step.getValue());
        Command.Result done = Command.run(command);
        assertThat(done.code()).as(done.all()).isZero();
      }
      assertThat(number(into.dataSource(), "select count(*) from memory")).isEqualTo(100);
      Conditions.await(
          "the origin has ended",
          () ->
              number(
                      into.dataSource(),
                      "select count(*) from pg_stat_activity where datname = current_database()"
                          + " and pid <> pg_backend_pid()")
                  == 0);
    }
  }

  private static String save(Pair pair, String header) throws Exception {
    try (McpConnection client = McpConnection.open(pair.port())) {
      return client
          .call("memory_save", SAVED_UNDER_A_KEY, header)
          .structured()
          .findPath("id")
          .asString();
    }
  }

  private static Map<String, String> saved(DataSource database) throws SQLException {
    Map<String, String> saved = new TreeMap<>();
    try (Connection connection = database.getConnection();
        ResultSet row = connection.createStatement().executeQuery("select title, id from memory")) {
      while (row.next()) {
        saved.put(row.getString(1), row.getString(2));
      }
    }
    return saved;
  }

  private static long count(Pair pair) throws Exception {
    return number(pair.database(), "select count(*) from memory where user_id = 'local'");
  }

  private static long number(DataSource database, String query) throws SQLException {
    try (Connection connection = database.getConnection();
        ResultSet row = connection.createStatement().executeQuery(query)) {
      row.next();
      return row.getLong(1);
    }
  }
}
