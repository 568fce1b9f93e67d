package com.mcpist.origin.db;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.origin.fixture.TestSchema;
import com.mcpist.testkit.Conditions;
import com.mcpist.testkit.TestDatabase;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.crypto.SecretKey;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class SchemaKeeperTest {
  private TestDatabase database;
  private Jdbi jdbi;
  private final CompletableFuture<UnusableDatabaseException> incompatible =
      new CompletableFuture<>();

  @BeforeEach
  void start() throws SQLException {
    database = TestDatabase.create();
    jdbi = Jdbi.create(database.dataSource());
  }

  @AfterEach
  void stop() throws SQLException {
    database.close();
  }

  private SchemaKeeper keeper() {
    return SchemaKeeper.start(
        TestSchema.config(database, 1), new LoginGate(), incompatible::complete);
  }

  private static void awaitKnown(SchemaKeeper keeper) {
    Conditions.await("the schema is there", () -> keeper.version().isPresent());
  }

  private void migrate() {
    try (SchemaKeeper keeper = keeper()) {
      awaitKnown(keeper);
    }
  }

  @Test
  void originsThatStartAtOnceShareTheWork() {
    List<SchemaKeeper> keepers = Stream.generate(this::keeper).limit(4).toList();
    for (SchemaKeeper keeper : keepers) {
      awaitKnown(keeper);
      assertThat(keeper.version()).hasValue(Migrations.KNOWN);
      keeper.close();
    }
    assertThat(keepers.stream().map(SchemaKeeper::stateKey).distinct())
        .singleElement()
        .satisfies(key -> assertThat(key.orElseThrow().getEncoded()).hasSize(32));

    int applied =
        jdbi.withHandle(
            h ->
                h.createQuery("select count(*) from flyway_schema_history where success")
                    .mapTo(Integer.class)
                    .one());
    assertThat(applied).isEqualTo(Migrations.KNOWN);
  }

  @Test
  void theKeyOfRequestStatesStaysForOriginsThatComeLater() {
    SecretKey first;
    try (SchemaKeeper keeper = keeper()) {
      awaitKnown(keeper);
      first = keeper.stateKey().orElseThrow();
    }
    try (SchemaKeeper keeper = keeper()) {
      awaitKnown(keeper);
      assertThat(keeper.stateKey()).hasValue(first);
    }
  }

  @Test
  void anOriginHasNoSchemaBeforeItHasTheKeyOfRequestStates() {
    migrate();
    try (Handle other = jdbi.open()) {
      other.begin();
      other.execute("lock table request_state_key in access exclusive mode");
      try (SchemaKeeper keeper = keeper()) {
        Conditions.await("it waits for the key", () -> readsTheKey());
        assertThat(keeper.version()).isEmpty();
        assertThat(keeper.stateKey()).isEmpty();

        other.rollback();
        awaitKnown(keeper);
        assertThat(keeper.stateKey()).isPresent();
      }
    }
  }

  private boolean readsTheKey() {
    return jdbi.withHandle(
        h ->
            h.createQuery(
                    "select count(*) > 0 from pg_stat_activity where datname = current_database()"
                        + " and query like '%request_state_key%' and wait_event_type = 'Lock'")
                .mapTo(Boolean.class)
                .one());
  }

  @Test
  void whereThereIsNothingToChangeTheOwnersLoginIsNotNeeded() {
    migrate();
    String nobody = database.url().replaceFirst("://[^@]*@", "://nobody:wrong@");
    DatabaseConfig config = TestSchema.config(database.originUrl(), nobody, 1);

    try (SchemaKeeper keeper =
        SchemaKeeper.start(config, new LoginGate(), incompatible::complete)) {
      awaitKnown(keeper);
      assertThat(keeper.version()).hasValue(Migrations.KNOWN);
      assertThat(keeper.stateKey()).isPresent();
    }
    assertThat(incompatible).isNotDone();
  }

  @Test
  void aDatabaseWithTablesOfItsOwnIsTaken() {
    jdbi.useHandle(h -> h.execute("create table theirs (n integer)"));

    migrate();

    assertThat(tableExists("theirs")).isTrue();
    assertThat(tableExists("tool_call")).isTrue();
  }

  private boolean tableExists(String name) {
    return jdbi.withHandle(
        h ->
            h.createQuery("select to_regclass(?) is not null")
                .bind(0, name)
                .mapTo(Boolean.class)
                .one());
  }

  @Test
  void aNewerSchemaThatThisReleaseCanUseIsUsed() {
    migrate();
    int newer = Migrations.KNOWN + 7;
    newerSchema(newer, Migrations.KNOWN);

    try (SchemaKeeper keeper = keeper()) {
      awaitKnown(keeper);
      assertThat(keeper.version()).hasValue(newer);
    }
    assertThat(incompatible).isNotDone();
  }

  @Test
  void aNewerSchemaThatThisReleaseCannotUseIsToldAndNotUsed() throws Exception {
    migrate();
    newerSchema(Migrations.KNOWN + 7, Migrations.KNOWN + 3);

    try (SchemaKeeper keeper = keeper()) {
      assertThat(incompatible.get())
          .hasMessageContaining("version " + (Migrations.KNOWN + 7))
          .hasMessageContaining("version " + (Migrations.KNOWN + 3) + " or later")
          .hasMessageContaining("Start a newer release");
      assertThat(keeper.version()).isEmpty();
    }
  }

  private void newerSchema(int version, int oldestUsable) {
    jdbi.useHandle(
        h -> h.execute("insert into schema_compatibility values (?, ?)", version, oldestUsable));
  }

  @Test
  void aMigrationThatCannotHaveItsLockGivesWayAndIsTriedAgain() {
    try (Handle other = jdbi.open()) {
      other.begin();
      other.execute("create table memory (in_the_way integer)");
      try (SchemaKeeper keeper = keeper()) {
        int first = awaitWaitingSession(0);
        awaitWaitingSession(first);
        other.rollback();

        awaitKnown(keeper);
      }
    }
  }

  /** The process of a migration that waits for a lock, and is not this one. */
  private int awaitWaitingSession(int otherThan) {
    return Conditions.awaitValue(
        "a migration waits for its lock",
        Conditions.LIMIT,
        () ->
            jdbi.withHandle(
                h ->
                    h.createQuery(
                            "select pid from pg_stat_activity where datname = current_database()"
                                + " and application_name = 'mcpist-migrations'"
                                + " and wait_event_type = 'Lock' and pid <> ?")
                        .bind(0, otherThan)
                        .mapTo(Integer.class)
                        .findFirst()));
  }

  @Test
  void everyMigrationSaysWhichReleasesCanUseIt() throws IOException, URISyntaxException {
    Path folder =
        Path.of(
            Objects.requireNonNull(Migrations.class.getResource("/db/migration"), "migrations")
                .toURI());
    List<Integer> versions;
    try (Stream<Path> files = Files.list(folder)) {
      versions = files.map(SchemaKeeperTest::version).flatMap(Optional::stream).sorted().toList();
    }

    assertThat(versions).isEqualTo(Stream.iterate(1, v -> v + 1).limit(Migrations.KNOWN).toList());
  }

  private static Optional<Integer> version(Path file) {
    Matcher name = Pattern.compile("V(\\d+)__\\w+\\.sql").matcher(file.getFileName().toString());
    if (!name.matches()) {
      return Optional.empty();
    }
    String sql;
    try {
      sql = Files.readString(file, StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    assertThat(sql)
        .as(file.toString())
        .containsPattern(
            "insert into schema_compatibility values \\(" + name.group(1) + ", \\d+\\)");
    return Optional.of(Integer.valueOf(name.group(1)));
  }
}
