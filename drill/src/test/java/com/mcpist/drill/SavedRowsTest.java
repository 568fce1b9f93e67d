package com.mcpist.drill;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.mcpist.pair.data.PairException;
import com.mcpist.pair.database.DatabaseUrl;
import com.mcpist.testkit.TestDatabase;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** On the tables that the origins make. */
class SavedRowsTest {
  private static final Path MIGRATIONS =
      Path.of(System.getProperty("mcpist.root", ".."), "origin/src/main/resources/db/migration");
  private static final String RUN = "0123456789abcdef";

  private TestDatabase database;
  private SavedRows rows;

  @BeforeEach
  void create() throws Exception {
    database = TestDatabase.create();
    rows = new SavedRows(new DatabaseUrl(database.url()));
    for (String file : List.of("V1__origins.sql", "V2__ledger.sql", "V3__memory.sql")) {
      execute(
          Files.readString(MIGRATIONS.resolve(file))
              .replace("${schema}", "public")
              .replace("${everyone}", "public"));
    }
  }

  @AfterEach
  void drop() throws SQLException {
    database.close();
  }

  @Test
  void aDrillsRowsAreCountedAndTakenAwayAndNobodyElses() throws Exception {
    save(SavedRows.title(RUN, 1), SavedRows.TAG, SavedRows.TEXT);
    save(SavedRows.title(RUN, 2), SavedRows.TAG, SavedRows.TEXT);
    save(SavedRows.title(RUN, 2), SavedRows.TAG, SavedRows.TEXT);
    save(SavedRows.title(RUN, 3), "keys", SavedRows.TEXT);
    save(SavedRows.title(RUN, 4), SavedRows.TAG, "a person's");
    save("where the key is", SavedRows.TAG, SavedRows.TEXT);

    assertThat(rows.count())
        .containsAllEntriesOf(Map.of(SavedRows.title(RUN, 1), 1, SavedRows.title(RUN, 2), 2))
        .doesNotContainKey("where the key is");

    rows.remove();
    assertThat(column("select title from memory"))
        .containsExactlyInAnyOrder(
            SavedRows.title(RUN, 3), SavedRows.title(RUN, 4), "where the key is");
    assertThat(column("select call_id from tool_call"))
        .containsExactlyInAnyOrderElementsOf(column("select id from memory"));
  }

  @Test
  void itIsQuietWhenNoAttemptIsAtWork() throws Exception {
    assertThat(rows.isQuiet()).isTrue();
    try (Connection attempt = database.dataSource().getConnection()) {
      attempt.setAutoCommit(false);
      attempt.createStatement().execute("set local application_name = 'mcpist:1.1'");
      assertThat(rows.isQuiet()).isFalse();
      attempt.commit();
      assertThat(rows.isQuiet()).isTrue();
    }
  }

  @Test
  void aDatabaseThatIsAwayIsOneSentence() throws Exception {
    SavedRows absent = new SavedRows(new DatabaseUrl(database.url() + "_absent"));
    assertThat(absent.isQuiet()).isFalse();
    assertThatExceptionOfType(PairException.class)
        .isThrownBy(absent::count)
        .withMessageContaining("does not exist");
    assertThatExceptionOfType(PairException.class).isThrownBy(absent::remove);
  }

  /** As an origin does it: the memory, and the call that saved it with its result. */
  private void save(String title, String tag, String text) throws SQLException {
    UUID id = UUID.randomUUID();
    execute(
        "insert into memory values (?::uuid, 'local', ?, ?, array[?], '{}', '{}', 1, now(), now())",
        id.toString(),
        title,
        text,
        tag);
    execute(
        "insert into tool_call (user_id, from_client, call_id, call_index, tool, arguments_hash,"
            + " attempt, instance, result, expires_at)"
            + " values ('local', false, ?, 0, 'memory_save', '', 1, 'i',"
            + " json_build_object('structuredContent', json_build_object('id', ?::text))::text,"
            + " now())",
        id.toString(),
        id.toString());
  }

  private void execute(String sql, String... values) throws SQLException {
    try (Connection connection = database.dataSource().getConnection();
        PreparedStatement statement = connection.prepareStatement(sql)) {
      for (int i = 0; i < values.length; i++) {
        statement.setString(i + 1, values[i]);
      }
      statement.execute();
    }
  }

  private List<String> column(String sql) throws SQLException {
    List<String> found = new ArrayList<>();
    try (Connection connection = database.dataSource().getConnection();
        ResultSet all = connection.createStatement().executeQuery(sql)) {
      while (all.next()) {
        found.add(all.getString(1));
      }
    }
    return found;
  }
}
