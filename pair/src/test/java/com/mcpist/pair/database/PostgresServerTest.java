package com.mcpist.pair.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.mcpist.pair.data.DataFolder;
import com.mcpist.pair.data.PairException;
import com.mcpist.pair.process.Keeper.Sign;
import com.mcpist.testkit.Conditions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PostgresServerTest {
  private static final Path CACHES = Path.of("target", "test-cache").toAbsolutePath();
  private static final Path CACHE = CACHES.resolve("mcpist");

  private DataFolder folder;
  private PostgresBinaries binaries;

  // JUnit calls prepare before anything else.
  @SuppressWarnings("NullAway.Init")
  PostgresServerTest() {}

  @BeforeEach
  void prepare(@TempDir Path temp) throws PairException {
    binaries = PostgresBinaries.find(CACHE);
    folder = DataFolder.open(temp.toAbsolutePath().resolve("data"));
  }

  @AfterEach
  void close() throws Exception {
    PostgresServer.stopLeftover(CACHE, folder);
    folder.close();
  }

  @Test
  void onlyThePasswordOfThisStartOpensIt() throws Exception {
    PostgresServer first = server();
    Process process = start(first);
    String url = first.url();
    String password = first.login().owner().reveal();
    assertThat(rows(url, "SELECT count(*) FROM pg_roles WHERE rolname = 'postgres'"))
        .isEqualTo("1");
    assertThatExceptionOfType(SQLException.class)
        .isThrownBy(() -> rows(url.replace(password, "b".repeat(32)), "SELECT 1"));
    first.requestStop(process);
    assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();

    PostgresServer second = server();
    start(second);
    String nobody = "SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user";
    assertThat(rows(second.originUrl(), nobody)).isEqualTo("f");
    assertThatExceptionOfType(SQLException.class)
        .isThrownBy(() -> rows(first.originUrl(), "SELECT 1"));

    assertThat(rows(second.url(), "SELECT 1")).isEqualTo("1");
    assertThatExceptionOfType(SQLException.class).isThrownBy(() -> rows(url, "SELECT 1"));
  }

  @Test
  void aServerThatWasLeftIsStoppedAndAPidOfAnotherProcessIsNone() throws Exception {
    PostgresServer first = server();
    Process left = start(first);

    PostgresServer second = server();
    assertThat(left.waitFor(30, TimeUnit.SECONDS)).isTrue();
    String ours = ProcessHandle.current().pid() + "\n";
    Files.writeString(folder.postgres().resolve("postmaster.pid"), ours);
    Files.writeString(folder.run().resolve(".s.PGSQL.5432.lock"), ours);
    start(second);

    assertThat(rows(second.url(), "SELECT 1")).isEqualTo("1");
  }

  @Test
  void aServerThatWasLeftGoesOnWhereItsLoginIsKnown() throws Exception {
    PostgresServer first = server();
    Process left = start(first);
    PairDatabase database =
        PairDatabase.choose(
            folder,
            2,
            Map.of("XDG_CACHE_HOME", CACHES.toString()),
            Optional.of(first.login()),
            _ -> {},
            _ -> {},
            _ -> {});

    database.start(Duration.ofSeconds(30));

    assertThat(database.own().orElseThrow().pid()).isEqualTo(left.pid());
    assertThat(database.login()).contains(first.login());
    left.destroyForcibly();
    Conditions.await(
        "another one is there, with the same passwords",
        () -> {
          Long pid = database.own().orElseThrow().pid();
          return pid != null && pid != left.pid() && first.ask(left) == Sign.READY;
        });
    database.stop();
    assertThat(PostgresServer.left(folder.postgres())).isEmpty();
  }

  @Test
  void whatAnInterruptedCreationLeftIsNoHindrance() throws Exception {
    Files.createDirectories(folder.path().resolve("postgres.new/base"));
    PostgresServer server = server();
    start(server);
    assertThat(rows(server.url(), "SHOW max_connections")).isEqualTo("30");
    assertThat(PostgresServer.POOL_SIZE).isLessThanOrEqualTo((30 - 2) / 2);
  }

  @Test
  void aFolderOfAnotherKindIsNotTouched() throws Exception {
    Path file = Files.writeString(Files.createDirectory(folder.postgres()).resolve("mine"), "x");
    assertThatExceptionOfType(PairException.class)
        .isThrownBy(() -> server())
        .withMessageContaining("not a database of PostgreSQL");

    Files.writeString(folder.postgres().resolve("PG_VERSION"), "16\n");
    assertThatExceptionOfType(PairException.class)
        .isThrownBy(() -> server())
        .withMessageContaining("was made by PostgreSQL 16")
        .withMessageContaining("`mcpist backup FILE`")
        .withMessageContaining("`mcpist restore FILE`");
    assertThat(file).hasContent("x");
  }

  private PostgresServer server() throws Exception {
    return PostgresServer.prepare(binaries, folder, folder.run(), 2);
  }

  private Process start(PostgresServer server) throws Exception {
    Process process = server.launch(folder.logs().resolve("postgres.log"));
    Conditions.await("it is ready", () -> server.ask(process) == Sign.READY);
    return process;
  }

  private static String rows(String url, String query) throws SQLException {
    try (Connection connection = new DatabaseUrl(url).connect();
        ResultSet rows = connection.createStatement().executeQuery(query)) {
      rows.next();
      return rows.getString(1);
    }
  }
}
