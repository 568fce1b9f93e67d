package com.mcpist.testkit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Comparator;
import java.util.stream.Stream;

/** A database with the tables that an origin makes, for modules that have none. */
public record OriginsDatabase(TestDatabase database) implements AutoCloseable {
  private static final Path MIGRATIONS =
      Path.of(System.getProperty("mcpist.root"), "origin/src/main/resources/db/migration");

  /** Columns that a memory needs besides those that are told of it: how it is found. */
  private static final String MORE =
      """
      select coalesce(string_agg(', ' || column_name, '' order by column_name), ''),
        coalesce(string_agg(case when data_type = 'ARRAY' then ', ''{}''' when data_type like '%int%'
          then ', 0' else ', ''''' end, '' order by column_name), '')
      from information_schema.columns
      where table_name = 'memory' and is_nullable = 'NO' and column_default is null
        and is_generated = 'NEVER' and column_name not in
          ('id', 'user_id', 'title', 'text', 'tags', 'created_at', 'updated_at')
      """;

  /** Makes it by the migrations of this checkout. */
  public static OriginsDatabase create() throws SQLException, IOException {
    OriginsDatabase made = new OriginsDatabase(TestDatabase.create());
    // Flyway's own, which it makes first.
    made.execute("create table flyway_schema_history ()");
    try (Stream<Path> files = Files.list(MIGRATIONS)) {
      for (Path file : files.sorted(Comparator.comparing(OriginsDatabase::place)).toList()) {
        made.execute(
            Files.readString(file)
                .replace("${schema}", "public")
                .replace("${everyone}", "public")
                .replace("${flyway:table}", "flyway_schema_history"));
      }
    }
    return made;
  }

  /** Versions, what is repeatable, and what comes after all. */
  private static String place(Path file) {
    String name = file.getFileName().toString();
    return (name.startsWith("V") ? 1 : name.startsWith("R") ? 2 : 3) + name;
  }

  /** Its owner's address. */
  public String url() {
    return database.url();
  }

  /** Executes statements as the owner. */
  public void execute(String sql) throws SQLException {
    try (Connection connection = database.dataSource().getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  /** The first value that a query gives, as text. */
  public String value(String query) throws SQLException {
    try (Connection connection = database.dataSource().getConnection();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(query)) {
      row.next();
      return String.valueOf(row.getString(1));
    }
  }

  /** Memories, and the ledger's rows of the calls that saved them, in one transaction. */
  public void save(String user, int first, int last) throws SQLException {
    try (Connection connection = database.dataSource().getConnection();
        Statement statement = connection.createStatement()) {
      String columns;
      String values;
      try (ResultSet row = statement.executeQuery(MORE)) {
        row.next();
        columns = row.getString(1);
        values = row.getString(2);
      }
      connection.setAutoCommit(false);
      String rows = " from generate_series(" + first + ", " + last + ") n";
      statement.execute(
          "insert into memory (id, user_id, title, text, tags, created_at, updated_at"
              + columns
              + ") select gen_random_uuid(), '"
              + user
              + "', 'Title ' || n, E'a\\tb\\\\c\\n「日本」\\r' || n, array['x,\"y', null, ''],"
              + " now(), now()"
              + values
              + rows);
      statement.execute(
          "insert into tool_call (user_id, from_client, call_id, call_index, tool,"
              + " arguments_hash, attempt, instance, result, expires_at) select '"
              + user
              + "', true, 'key ' || n, 0, 'memory_save', '', 1, 'i', '{}', now() + interval '1 day'"
              + rows);
      connection.commit();
    }
  }

  /** Tells all that is in a table, in short. */
  public String digest(String table) throws SQLException {
    return value(
        "select count(*) || ' ' || md5(string_agg(t::text, '|' order by t::text)) from "
            + table
            + " t");
  }

  @Override
  public void close() throws SQLException {
    database.close();
  }
}
