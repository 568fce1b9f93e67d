package com.mcpist.origin.db;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.mcpist.database.DatabaseUrl;
import com.mcpist.origin.db.Database.LoginGate;
import com.mcpist.origin.fixture.ModuleJar;
import com.mcpist.origin.fixture.TestSchema;
import com.mcpist.testkit.Conditions;
import com.mcpist.testkit.TestDatabase;
import java.io.IOException;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The tables of a module that has a jar of its own: as the origin's, by versions of its own. */
final class ModuleSchemaTest {
  private static final String FIRST =
      """
      insert into schema_compatibility values (1, 1);
      create table counter (user_id text primary key, bytes bigint not null default 10);
      alter table counter enable row level security;
      create policy of_user on counter to mcpist_origin using (user_id = (select mcpist_user()));
      grant select, insert on counter to mcpist_origin;
      select stored_triggers('counter');
      """;

  @TempDir private Path folder;
  private final List<URLClassLoader> loaders = new ArrayList<>();
  private TestDatabase database;
  private Jdbi jdbi;

  @BeforeEach
  void start() throws SQLException {
    database = TestDatabase.create();
    jdbi = Jdbi.create(database.dataSource());
  }

  @AfterEach
  void stop() throws SQLException, IOException {
    database.close();
    for (URLClassLoader loader : loaders) {
      loader.close();
    }
  }

  private ModuleJar counter() throws IOException {
    return new ModuleJar(folder.resolve("counter-" + loaders.size() + ".jar"), "")
        .with("db/counter/V1__counter.sql", FIRST)
        .with(
            "db/counter/R__counter.sql",
            "create or replace function counter_name() returns text return 'counter of"
                + " ${schema}';");
  }

  private List<Migrations> migrations(ModuleJar module) throws IOException {
    URLClassLoader loader = ModuleJar.loader(module.write());
    loaders.add(loader);
    List<Migrations> all = new ArrayList<>();
    all.add(Migrations.of(ModuleSchemaTest.class.getClassLoader()));
    all.addAll(Migrations.of(List.of(ModuleJar.load(loader))));
    return all;
  }

  private void migrate(ModuleJar module) throws IOException {
    try (SchemaKeeper keeper =
        new SchemaKeeper(
            TestSchema.config(database, 1),
            migrations(module),
            new LoginGate(),
            e -> {
              throw new AssertionError(e);
            })) {
      Conditions.await("the schema is there", () -> keeper.version().isPresent());
    }
  }

  private String refused(ModuleJar module) throws Exception {
    CompletableFuture<UnusableDatabaseException> told = new CompletableFuture<>();
    try (SchemaKeeper keeper =
        new SchemaKeeper(
            TestSchema.config(database, 1), migrations(module), new LoginGate(), told::complete)) {
      String why =
          String.valueOf(told.get(Conditions.LIMIT.toSeconds(), TimeUnit.SECONDS).getMessage());
      assertThat(keeper.version()).isEmpty();
      return why;
    }
  }

  private List<String> query(String sql) {
    return jdbi.withHandle(h -> h.createQuery(sql).mapTo(String.class).list());
  }

  private static String row(int version, int oldest) {
    return "insert into schema_compatibility values (%d, %d);\n".formatted(version, oldest);
  }

  @Test
  void itHasVersionsAndAHistoryOfItsOwn() throws Exception {
    migrate(counter());

    assertThat(
            query(
                "select version || ' ' || oldest_usable from schema_compatibility"
                    + " where module = 'counter'"))
        .containsExactly("1 1");
    assertThat(
            query(
                "select script from flyway_schema_history_counter where success"
                    + " and checksum is not null order by installed_rank"))
        .containsExactly("V1__counter.sql", "R__counter.sql");
    assertThat(query("select counter_name()")).containsExactly("counter of public");
    assertThat(
            query(
                "select relname from pg_class where relkind = 'r' and not relrowsecurity"
                    + " and relnamespace = 'public'::regnamespace"))
        .as("open to others")
        .isEmpty();
    jdbi.useHandle(h -> h.execute("insert into counter values ('ann')"));
    assertThat(query("select bytes from stored where counted = 'counter'")).containsExactly("10");
    migrate(counter());
  }

  @Test
  void theReleaseBeforeWorksOnTheTablesOfTheOneThatFollows() throws Exception {
    migrate(counter());
    migrate(
        counter()
            .with("db/counter/V2__note.sql", row(2, 1) + "alter table counter add note text;"));

    migrate(counter());

    assertThat(query("select max(version) from schema_compatibility where module = 'counter'"))
        .containsExactly("2");
  }

  @Test
  void theReleaseBeforeDoesNotStartWhereItsTablesAreGone() throws Exception {
    migrate(counter());
    migrate(counter().with("db/counter/V2__gone.sql", row(2, 2)));

    assertThat(refused(counter()))
        .contains("The schema of the module counter is version 2")
        .contains("Start a newer release");
  }

  @Test
  void aMigrationThatHasChangedStopsTheOrigin() throws Exception {
    migrate(counter());

    assertThat(refused(counter().with("db/counter/V1__counter.sql", FIRST + "select 1;")))
        .contains("The schema of the module counter is version 1", "V1__counter.sql");
  }

  @Test
  void aMistakeInAMigrationStopsTheOrigin() throws Exception {
    assertThat(
            refused(
                counter()
                    .with(
                        "db/counter/V2__note.sql", row(2, 1) + "alter table counters add n text;")))
        .isEqualTo(
            "The migration V2__note.sql of the module counter failed and changed nothing: ERROR:"
                + " relation \"counters\" does not exist");
    assertThat(query("select version from schema_compatibility where module = 'counter'"))
        .containsExactly("1");
  }

  @Test
  void aTableWithoutRowSecurityStopsTheOrigin() throws Exception {
    String open = FIRST.replace("alter table counter enable row level security;", "");
    assertThat(refused(counter().with("db/counter/V1__counter.sql", open)))
        .contains("is not held by row-level security in counter");
  }

  @Test
  void whoMayNotMigrateSaysWhatIsMissing() throws Exception {
    TestSchema.make(database);
    Database.Config config =
        new Database.Config(DatabaseUrl.parse(database.originUrl()), Optional.empty(), 1, false);
    Migrations module = migrations(counter()).getLast();
    try (Connection connection =
        Database.connect(config.url(), Migrations.CONNECT_SECONDS, Migrations.ANSWER_SECONDS)) {
      assertThatThrownBy(() -> module.look(connection))
          .isInstanceOf(SQLException.class)
          .hasMessageContaining("The schema of the module counter is version 0")
          .hasMessageContaining("R__counter.sql, V1__counter.sql");
      migrate(counter());
      assertThat(module.look(connection)).isEqualTo(1);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "db/migration/V1__counter.sql, db/migration/V1__counter.sql of",
    "db/conter/R__counter.sql, those of a module are in db/counter",
    "db/counter/sub/V2__counter.sql, db/counter/sub/V2__counter.sql of",
    "V2__counter.sql, V2__counter.sql of",
    "db/counter/V2_counter.sql, is not named as a migration is",
    "db/counter/V2.1__counter.sql, is not named as a migration is",
    "db/counter/afterMigrate.sql, is not named as a migration is",
    "db/counter/V2__note.sql, 'lacks the line \"insert into schema_compatibility values (2,'",
    "db/counter/V1__two.sql, migrations of one version",
  })
  void whatWouldNotBeAppliedIsNamed(String file, String said) throws IOException {
    ModuleJar jar = counter().with(file, file.contains("V1__two") ? row(1, 1) : "select 1;");
    assertThatIllegalStateException()
        .isThrownBy(() -> migrations(jar))
        .withMessageContaining(file.substring(file.lastIndexOf('/') + 1))
        .withMessageContaining(said);
  }

  @Test
  void aPlaceholderThatIsNotKnownStopsTheOrigin() throws IOException {
    ModuleJar jar =
        counter().with("db/counter/R__who.sql", "comment on schema ${schema} is '${Schema}';");
    assertThatIllegalStateException()
        .isThrownBy(() -> migrations(jar))
        .withMessageContaining("db/counter/R__who.sql of ")
        .withMessageContaining("${Schema}: there are only ${schema}, ${everyone}, ${module}");
  }

  @Test
  void otherSqlIsNoMigration() throws IOException {
    assertThat(migrations(counter().with("sample/find.sql", "select 1"))).hasSize(2);
    assertThat(migrations(new ModuleJar(folder.resolve("none.jar"), ""))).hasSize(1);
  }
}
