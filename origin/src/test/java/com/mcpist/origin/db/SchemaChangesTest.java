package com.mcpist.origin.db;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.origin.fixture.TestSchema;
import com.mcpist.testkit.TestDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import org.flywaydb.core.Flyway;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.Test;

/**
 * Both origins run while a release is rolled out, so the release before works on the schema of this
 * one: what was there before the newest version is there after it, and is the same.
 */
final class SchemaChangesTest {
  private static final Migrations FILES = Migrations.of(SchemaChangesTest.class.getClassLoader());

  /**
   * The newest version, and the CRC-32 of the repeatable migrations that belong to it. Whoever
   * changes a function adds a version, by which the release before knows to leave it alone.
   */
  private static final Map.Entry<Integer, Long> FUNCTIONS = Map.entry(7, 1817403515L);

  /** Tables, columns, keys and checks, indexes, functions by what they take and give. */
  private static final String SCHEMA =
      """
      select 'column ' || table_name || '.' || column_name || ' ' || data_type
          || ' null:' || is_nullable || ' default:' || coalesce(column_default, '')
        from information_schema.columns where table_schema = 'public'
      union all select 'constraint ' || conrelid::regclass || ' ' || pg_get_constraintdef(oid)
        from pg_constraint where connamespace = 'public'::regnamespace and conrelid <> 0
      union all select 'index ' || indexdef from pg_indexes where schemaname = 'public'
      union all select 'function ' || proname || '(' || pg_get_function_arguments(oid) || ') '
          || pg_get_function_result(oid)
        from pg_proc where pronamespace = 'public'::regnamespace and prokind = 'f'
      union all select 'rights ' || relname || ' ' || relrowsecurity || relforcerowsecurity
          || relowner::regrole
        from pg_class where relnamespace = 'public'::regnamespace
      union all select 'trigger ' || tgrelid::regclass || ' ' || pg_get_triggerdef(oid)
        from pg_trigger where not tgisinternal
      """;

  @Test
  void theNewestVersionLeavesWhatTheReleaseBeforeNeeds() throws SQLException {
    try (TestDatabase database = TestDatabase.create()) {
      Jdbi jdbi = Jdbi.create(database.dataSource());
      migrate(database, FILES.newest() - 1);
      List<String> before = schema(jdbi);
      assertThat(before).anyMatch(line -> line.startsWith("function "));

      TestSchema.make(database);

      assertThat(schema(jdbi)).hasSizeGreaterThan(before.size()).containsAll(before);
    }
  }

  @Test
  void aFunctionChangesWithAVersion() throws IOException {
    CRC32 checksum = new CRC32();
    try (Stream<Path> files = Files.list(TestRelease.own())) {
      for (Path file :
          files.filter(f -> f.getFileName().toString().startsWith("R__")).sorted().toList()) {
        checksum.update(Files.readAllBytes(file));
      }
    }
    assertThat(Map.entry(FILES.newest(), checksum.getValue()))
        .as(
            "Add a file V<n>__<what>.sql for the change of a function, unless this version is not"
                + " released yet, and write the version and this checksum into FUNCTIONS")
        .isEqualTo(FUNCTIONS);
  }

  @Test
  void everyTableIsClosedToOtherRoles() throws SQLException {
    try (TestDatabase database = TestDatabase.create()) {
      TestSchema.make(database);
      List<String> open =
          Jdbi.create(database.dataSource())
              .withHandle(
                  h ->
                      h.createQuery(
                              "select relname from pg_class where relkind = 'r' and not"
                                  + " relrowsecurity and relnamespace = 'public'::regnamespace")
                          .mapTo(String.class)
                          .list());
      assertThat(open).isEmpty();
    }
  }

  @Test
  void noFunctionIsOpenToOtherRoles() throws SQLException {
    try (TestDatabase database = TestDatabase.create()) {
      Jdbi jdbi = Jdbi.create(database.dataSource());
      // Supabase has this role.
      jdbi.useHandle(
          h ->
              h.execute(
                  """
                  do $$ begin
                    create role anon nologin;
                  exception when duplicate_object or unique_violation then
                    null;
                  end $$;
                  alter default privileges in schema public grant all on functions to anon
                  """));
      TestSchema.make(database);
      List<String> open =
          jdbi.withHandle(
              h ->
                  h.createQuery(
                          "select proname from pg_proc where pronamespace ="
                              + " 'public'::regnamespace and has_function_privilege('anon', oid,"
                              + " 'EXECUTE')")
                      .mapTo(String.class)
                      .list());
      assertThat(open).isEmpty();
    }
  }

  private static void migrate(TestDatabase database, int version) throws SQLException {
    Migrations.State empty;
    try (Connection connection = database.dataSource().getConnection()) {
      empty = FILES.state(connection);
    }
    Flyway.configure(SchemaChangesTest.class.getClassLoader())
        .dataSource(database.dataSource())
        .locations("classpath:db/migration")
        .placeholders(empty.placeholders())
        .loggers("slf4j")
        .target(Integer.toString(version))
        .load()
        .migrate();
  }

  private static List<String> schema(Jdbi jdbi) {
    return jdbi.withHandle(h -> h.createQuery(SCHEMA).mapTo(String.class).list());
  }
}
