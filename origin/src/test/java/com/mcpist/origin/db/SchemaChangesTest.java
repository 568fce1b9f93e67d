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
  /** Of the release before. Of functions it is seen what they take and give, not what they do. */
  private static final int BEFORE = 6;

  /** Indexes that no statement of the release before needs. */
  private static final List<String> UNUSED = List.of("memory_terms");

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
      migrate(database, BEFORE);
      List<String> before = schema(jdbi);
      assertThat(before).anyMatch(line -> line.startsWith("function "));
      for (String index : UNUSED) {
        assertThat(before.removeIf(line -> line.contains(" " + index + " "))).as(index).isTrue();
      }

      TestSchema.make(database);

      assertThat(schema(jdbi)).hasSizeGreaterThan(before.size()).containsAll(before);
      assertThat(version(jdbi)).matches(v -> v.usableBy(BEFORE), "usable by the release before");
    }
  }

  @Test
  void whatWasStoredBeforeItWasCountedCounts() throws SQLException {
    try (TestDatabase database = TestDatabase.create()) {
      migrate(database, 6);
      Jdbi jdbi = Jdbi.create(database.dataSource());
      jdbi.useHandle(
          h -> {
            for (String user : List.of("ann", "ann", "bob")) {
              h.execute(
                  "insert into memory (id, user_id, title, text, tags, search_head, search_text,"
                      + " terms, created_at, updated_at) values (gen_random_uuid(), ?, 'a', 'b',"
                      + " '{c,d}', 'a', 'abcd', '{a,b,c,d,e}', now(), now())",
                  user);
              h.execute(
                  "insert into tool_call (user_id, from_client, call_id, call_index, tool,"
                      + " arguments_hash, attempt, instance, result, expires_at)"
                      + " values (?, false, gen_random_uuid(), 0, 't', 'h', 1, 'i', '{}', now())",
                  user);
            }
          });

      TestSchema.make(database);

      List<String> counted =
          jdbi.withHandle(
              h ->
                  h.createQuery(
                          "select user_id || ' ' || counted || ' ' || sum(bytes) from stored"
                              + " group by user_id, counted order by 1")
                      .mapTo(String.class)
                      .list());
      assertThat(counted)
          .containsExactly(
              "ann memory " + 2 * (1024 + 9 + 5 * 24),
              "ann tool_call " + 2 * (512 + 2),
              "bob memory " + (1024 + 9 + 5 * 24),
              "bob tool_call " + (512 + 2));
    }
  }

  @Test
  void nobodyIsShutOutByWhatThereWasAlready() throws SQLException {
    try (TestDatabase database = TestDatabase.create()) {
      migrate(database, 6);
      Jdbi jdbi = Jdbi.create(database.dataSource());
      jdbi.useHandle(
          h ->
              h.execute(
                  "insert into memory (id, user_id, title, text, tags, search_head, search_text,"
                      + " terms, created_at, updated_at) values (gen_random_uuid(), 'ann', '',"
                      + " repeat('x', 80 * 1024 * 1024), '{}', '', '', '{}', now(), now())"));

      TestSchema.make(database);

      String question = "select storage_mib from plan where name = 'standard'";
      int allowed = jdbi.withHandle(h -> h.createQuery(question).mapTo(Integer.class).one());
      assertThat(allowed).isEqualTo(161);
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

  private static void migrate(TestDatabase database, int version) {
    Flyway.configure(Migrations.class.getClassLoader())
        .dataSource(database.dataSource())
        .locations("classpath:db/migration")
        .loggers("slf4j")
        .target(Integer.toString(version))
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
