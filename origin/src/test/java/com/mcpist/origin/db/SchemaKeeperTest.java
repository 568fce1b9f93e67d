package com.mcpist.origin.db;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.mcpist.database.DatabaseUrl;
import com.mcpist.origin.db.Database.LoginGate;
import com.mcpist.origin.fixture.TestSchema;
import com.mcpist.testkit.Conditions;
import com.mcpist.testkit.TestDatabase;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.crypto.SecretKey;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SchemaKeeperTest {
  private static final Migrations FILES = Migrations.of(SchemaKeeperTest.class.getClassLoader());
  private static final int KNOWN = FILES.newest();

  @TempDir private Path temp;
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
    return keeper(FILES);
  }

  private SchemaKeeper keeper(Migrations files) {
    return new SchemaKeeper(
        TestSchema.config(database, 1), List.of(files), new LoginGate(), incompatible::complete);
  }

  private static void awaitKnown(SchemaKeeper keeper) {
    Conditions.await("the schema is there", () -> keeper.version().isPresent());
  }

  private void migrate() {
    migrate(FILES);
  }

  private void migrate(Migrations files) {
    try (SchemaKeeper keeper = keeper(files)) {
      awaitKnown(keeper);
    }
  }

  @Test
  void originsThatStartAtOnceShareTheWork() {
    List<SchemaKeeper> keepers = Stream.generate(this::keeper).limit(4).toList();
    for (SchemaKeeper keeper : keepers) {
      awaitKnown(keeper);
      assertThat(keeper.version()).hasValue(KNOWN);
      keeper.close();
    }
    assertThat(keepers.stream().map(SchemaKeeper::stateKey).distinct())
        .singleElement()
        .satisfies(key -> assertThat(key.orElseThrow().getEncoded()).hasSize(32));

    assertThat(applied("%")).as("each once").doesNotHaveDuplicates().hasSizeGreaterThan(KNOWN);
  }

  /** The migrations that were applied, in order; one that was applied again is there again. */
  private List<String> applied(String pattern) {
    return jdbi.withHandle(
        h ->
            h.createQuery(
                    "select script from flyway_schema_history where success and script like ?"
                        + " order by installed_rank")
                .bind(0, pattern)
                .mapTo(String.class)
                .list());
  }

  @Test
  void anOriginThatStartsLaterHasNothingToDo() throws Exception {
    migrate();
    List<String> before = applied("%");

    try (Connection connection = database.dataSource().getConnection()) {
      assertThat(FILES.missing(FILES.state(connection))).isEmpty();
    }
    migrate();
    assertThat(applied("%")).isEqualTo(before);
  }

  @Test
  void theListOfWhatWasAppliedIsClosedByTheNextStartWhereItIsOpen() {
    migrate();
    jdbi.useHandle(h -> h.execute("drop policy of_origins on flyway_schema_history"));
    migrate();
    assertThat(applied("V1\\_%")).containsExactly("V1__origins.sql");
    int policies =
        jdbi.withHandle(
            h ->
                h.createQuery(
                        "select count(*) from pg_policy where polname = 'of_origins'"
                            + " and polrelid = 'flyway_schema_history'::regclass")
                    .mapTo(Integer.class)
                    .one());
    assertThat(policies).isEqualTo(1);
  }

  @Test
  void aFunctionThatHasChangedIsReplacedByTheNextStart() throws Exception {
    migrate();
    migrate(withAnHour(new TestRelease(temp)).files());

    assertThat(edgesCallsAreKept()).isEqualTo(60);
    assertThat(applied("R\\_%")).endsWith("R__triggers.sql", "R__ledger.sql");
    assertThat(ownerOnly("ledger_expiry")).as("it has the rights that it had").isFalse();
  }

  private static TestRelease withAnHour(TestRelease release) throws IOException {
    return release.with("R__ledger.sql", "interval '15 minutes'", "interval '60 minutes'");
  }

  /** In minutes: what the function that has changed says. */
  private int edgesCallsAreKept() {
    return jdbi.withHandle(
        h ->
            h.createQuery(
                    "select round(extract(epoch from ledger_expiry(false, '', null) - now()) / 60)")
                .mapTo(Integer.class)
                .one());
  }

  private boolean ownerOnly(String function) {
    return jdbi.withHandle(
        h ->
            h.createQuery("select not has_function_privilege('mcpist', ?::regproc, 'EXECUTE')")
                .bind(0, function)
                .mapTo(Boolean.class)
                .one());
  }

  @Test
  void theReleaseBeforeLeavesTheFunctionsOfTheOneThatFollows() throws Exception {
    migrate();
    int next = KNOWN + 1;
    String version = "insert into schema_compatibility values (%d, %d);".formatted(next, KNOWN);
    migrate(
        withAnHour(new TestRelease(temp)).with("V%d__next.sql".formatted(next), version).files());

    migrate();

    assertThat(edgesCallsAreKept()).isEqualTo(60);
  }

  @Test
  void aMigrationThatIsThereAndNotAppliedStopsTheOrigin() throws Exception {
    migrate();
    String late = "V4__late.sql";
    TestRelease release =
        new TestRelease(temp)
            .without("V4__deployments.sql")
            .with(late, "create table late (n integer);");

    try (SchemaKeeper keeper = keeper(release.files())) {
      assertThat(incompatible.get())
          .hasMessageContaining("the migration " + late)
          .hasMessageContaining("number above " + KNOWN);
      assertThat(keeper.version()).isEmpty();
    }
    assertThat(tableExists("late")).isFalse();
  }

  @Test
  void aMigrationThatHasChangedStopsTheOrigin() throws Exception {
    migrate();
    TestRelease changed =
        new TestRelease(temp).with("V3__memory.sql", "title text not null", "title text");

    try (SchemaKeeper keeper = keeper(changed.files())) {
      assertThat(incompatible.get()).hasMessageContaining("the migration V3__memory.sql");
      assertThat(keeper.version()).isEmpty();
    }
  }

  @Test
  void whoMayNotMigrateSaysWhatIsMissing() throws Exception {
    migrate();
    Migrations newer = withAnHour(new TestRelease(temp)).files();
    Database.Config config =
        new Database.Config(DatabaseUrl.parse(database.originUrl()), Optional.empty(), 1, false);
    try (Connection connection =
        Database.connect(config.url(), Migrations.CONNECT_SECONDS, Migrations.ANSWER_SECONDS)) {
      assertThatThrownBy(() -> newer.look(connection))
          .isInstanceOf(SQLException.class)
          .hasMessageContaining("has not had R__ledger.sql")
          .hasMessageContaining("MIGRATION_DATABASE_URL");
    }
    try (SchemaKeeper keeper =
        new SchemaKeeper(config, List.of(FILES), new LoginGate(), incompatible::complete)) {
      awaitKnown(keeper);
    }
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
    Database.Config config = TestSchema.config(database.originUrl(), nobody, 1);

    try (SchemaKeeper keeper =
        SchemaKeeper.start(config, new LoginGate(), incompatible::complete)) {
      awaitKnown(keeper);
      assertThat(keeper.version()).hasValue(KNOWN);
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
    int newer = KNOWN + 7;
    newerSchema(newer, KNOWN);

    try (SchemaKeeper keeper = keeper()) {
      awaitKnown(keeper);
      assertThat(keeper.version()).hasValue(newer);
    }
    assertThat(incompatible).isNotDone();
  }

  @Test
  void aNewerSchemaThatThisReleaseCannotUseIsToldAndNotUsed() throws Exception {
    migrate();
    newerSchema(KNOWN + 7, KNOWN + 3);

    try (SchemaKeeper keeper = keeper()) {
      assertThat(incompatible.get())
          .hasMessageContaining("version " + (KNOWN + 7))
          .hasMessageContaining("version " + (KNOWN + 3) + " or later")
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

  @Test
  void aMigrationGivesWayForLongerEachTime() {
    assertThat(IntStream.of(1, 2, 3, 100).mapToObj(SchemaKeeper::yielding))
        .containsExactly(
            Duration.ofSeconds(1),
            Duration.ofSeconds(2),
            Duration.ofSeconds(4),
            Duration.ofSeconds(64));
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
}
