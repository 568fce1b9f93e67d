package com.mcpist.origin.db;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.origin.fixture.TestSchema;
import com.mcpist.testkit.TestDatabase;
import java.sql.SQLException;
import java.util.List;
import org.flywaydb.core.Flyway;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.Test;

/**
 * Both origins run while a release is rolled out, so the release before works on the schema of this
 * one: what was there before the newest migration is there after it, and is the same.
 */
final class SchemaChangesTest {
  /** Of the release before, whose functions have other bodies since: TheReleaseBeforeTest. */
  private static final int BEFORE = 4;

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
  void theNewestMigrationLeavesWhatTheReleaseBeforeNeeds() throws SQLException {
    try (TestDatabase database = TestDatabase.create()) {
      Jdbi jdbi = Jdbi.create(database.dataSource());
      migrateAsTheReleaseBefore(database);
      List<String> before = schema(jdbi);
      assertThat(before).anyMatch(line -> line.startsWith("function "));

      TestSchema.make(database);

      assertThat(schema(jdbi)).hasSizeGreaterThan(before.size()).containsAll(before);
      assertThat(version(jdbi)).matches(v -> v.usableBy(BEFORE), "usable by the release before");
    }
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

  private static void migrateAsTheReleaseBefore(TestDatabase database) {
    Flyway.configure(Migrations.class.getClassLoader())
        .dataSource(database.dataSource())
        .locations("classpath:db/migration")
        .loggers("slf4j")
        .target(Integer.toString(BEFORE))
        .load()
        .migrate();
  }

  private static List<String> schema(Jdbi jdbi) {
    return jdbi.withHandle(h -> h.createQuery(SCHEMA).mapTo(String.class).list());
  }

  private static SchemaVersion version(Jdbi jdbi) {
    return jdbi.withHandle(
        h ->
            h.createQuery("select max(version), max(oldest_usable) from schema_compatibility")
                .map((row, context) -> new SchemaVersion(row.getInt(1), row.getInt(2)))
                .one());
  }
}
