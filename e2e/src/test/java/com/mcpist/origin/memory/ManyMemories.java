package com.mcpist.origin.memory;

import com.fasterxml.uuid.Generators;
import com.fasterxml.uuid.impl.TimeBasedEpochGenerator;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import javax.sql.DataSource;
import org.postgresql.PGConnection;
import org.postgresql.copy.PGCopyOutputStream;

/**
 * Stores memories with the keys that the module makes, without counting them for their users. What
 * finds words is indexed at the end, which takes a part of the time.
 */
public final class ManyMemories implements AutoCloseable {
  private static final String GIN =
      "select indexname, indexdef from pg_indexes"
          + " where tablename = 'memory' and indexdef like '% USING gin %'";
  private static final String COPY =
      "copy memory (id, user_id, title, text, tags, keys, marks, analysis, created_at, updated_at)"
          + " from stdin";

  private final TimeBasedEpochGenerator ids = Generators.timeBasedEpochGenerator();
  private final List<String> indexes = new ArrayList<>();
  private final Connection connection;
  private final PGCopyOutputStream copy;

  public ManyMemories(DataSource database) throws SQLException {
    connection = database.getConnection();
    connection.setAutoCommit(false);
    try (Statement statement = connection.createStatement();
        Statement drop = connection.createStatement()) {
      statement.execute("set local session_replication_role = replica"); // No triggers.
      try (var rows = statement.executeQuery(GIN)) {
        while (rows.next()) {
          indexes.add(rows.getString("indexdef"));
          drop.execute("drop index " + rows.getString("indexname"));
        }
      }
    }
    copy = new PGCopyOutputStream(connection.unwrap(PGConnection.class), COPY);
  }

  /** The texts have nothing in them that a copy would have to escape. */
  public void add(String user, String title, String text, Instant at) throws IOException {
    Memory memory = new Memory(ids.construct(at.toEpochMilli()), title, text, List.of(), at, at);
    IndexKeys.Of index = new IndexKeys(user).memory(memory);
    String row =
        String.join(
            "\t",
            List.of(
                memory.id().toString(),
                user,
                title,
                text,
                "{}",
                array(index.keys()),
                array(index.marks()),
                Integer.toString(Analyser.VERSION),
                at.toString(),
                at.toString()));
    copy.write((row + "\n").getBytes(StandardCharsets.UTF_8));
  }

  private static String array(List<Integer> numbers) {
    return numbers.stream().map(String::valueOf).collect(Collectors.joining(",", "{", "}"));
  }

  @Override
  public void close() throws IOException, SQLException {
    copy.close();
    try (Statement statement = connection.createStatement()) {
      for (String index : indexes) {
        statement.execute(index);
      }
    }
    connection.commit();
    connection.close();
  }
}
