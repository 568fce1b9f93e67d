package com.mcpist.origin.db;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.Map;

/**
 * How far a database's schema is.
 *
 * @param version the newest version that it has had, 0 before the first
 * @param oldestUsable the oldest version that a release must know to work with it
 * @param checksums of the migrations that it has had, by their files' names
 * @param placeholders what the files' placeholders stand for in this database
 */
record SchemaState(
    int version,
    int oldestUsable,
    Map<String, Integer> checksums,
    Map<String, String> placeholders) {
  SchemaState {
    checksums = Map.copyOf(checksums);
    placeholders = Map.copyOf(placeholders);
  }

  /**
   * Reads it.
   *
   * @throws SQLException when the database is away
   */
  static SchemaState read(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      Map<String, String> placeholders;
      try (ResultSet row =
          statement.executeQuery(
              """
              select quote_ident(current_schema()) as schema,
                -- Supabase's roles for the world have rights of their own on what is made in the schema.
                concat_ws(', ', 'public', (select string_agg(rolname, ', ' order by rolname)
                  from pg_roles where rolname in ('anon', 'authenticated'))) as everyone,
                -- The last thing that a first migration does: afterMigrate.sql.
                not exists (select from pg_policy
                  where polrelid = to_regclass('flyway_schema_history')) as empty\
              """)) {
        row.next();
        placeholders =
            Map.of("schema", row.getString("schema"), "everyone", row.getString("everyone"));
        if (row.getBoolean("empty")) {
          return new SchemaState(0, 0, Map.of(), placeholders);
        }
      }
      Map<String, Integer> checksums = new HashMap<>();
      int version = 0;
      int oldestUsable = 0;
      try (ResultSet row =
          statement.executeQuery(
              """
              select script, checksum, newest, oldest
              from flyway_schema_history,
                (select max(version) as newest, max(oldest_usable) as oldest
                  from schema_compatibility) as compatibility
              where success and checksum is not null order by installed_rank\
              """)) {
        while (row.next()) {
          checksums.put(row.getString("script"), row.getInt("checksum"));
          version = row.getInt("newest");
          oldestUsable = row.getInt("oldest");
        }
      }
      return new SchemaState(version, oldestUsable, checksums, placeholders);
    }
  }
}
