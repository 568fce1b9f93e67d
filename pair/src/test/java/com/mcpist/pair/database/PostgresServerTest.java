package com.mcpist.pair.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.mcpist.deploy.secret.Secret;
import com.mcpist.pair.data.DataFolder;
import com.mcpist.pair.data.PairException;
import com.mcpist.pair.database.PostgresServer.Passwords;
import com.mcpist.pair.process.Keeper.Sign;
import com.mcpist.testkit.Conditions;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PostgresServerTest {
  private static final Path CACHE = Path.of("target", "test-cache").toAbsolutePath();

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
    PostgresServer first = server("a".repeat(32));
    Process process = start(first);
    String url = first.url();
    assertThat(rows(url, "SELECT count(*) FROM pg_roles WHERE rolname = 'postgres'"))
        .isEqualTo("1");
    assertThatExceptionOfType(SQLException.class)
        .isThrownBy(() -> rows(url.replace("aaaa", "bbbb"), "SELECT 1"));
    first.requestStop(process);
    assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();

    PostgresServer second = server("c".repeat(32));
    start(second);
    String nobody = "SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user";
    assertThat(rows(second.originUrl(), nobody)).isEqualTo("f");
    assertThatExceptionOfType(SQLException.class)
        .isThrownBy(() -> rows(first.originUrl(), "SELECT 1"));

    assertThat(URI.create(second.url()).getPort()).isEqualTo(URI.create(url).getPort());
    assertThat(rows(second.url(), "SELECT 1")).isEqualTo("1");
    assertThatExceptionOfType(SQLException.class).isThrownBy(() -> rows(url, "SELECT 1"));
  }

  @Test
  void aServerThatWasLeftIsStoppedAndAPidOfAnotherProcessIsNone() throws Exception {
    PostgresServer first = server("a".repeat(32));
    Process left = start(first);

    PostgresServer second = server("a".repeat(32));
    assertThat(left.waitFor(30, TimeUnit.SECONDS)).isTrue();
    Files.writeString(
        folder.postgres().resolve("postmaster.pid"), ProcessHandle.current().pid() + "\n");
    start(second);

    assertThat(rows(second.url(), "SELECT 1")).isEqualTo("1");
  }

  @Test
  void theGuardStopsItWhenItsStandardInputEnds() throws Exception {
    PostgresServer server = server("a".repeat(32));
    Process process = start(server);
    Process guard = server.launchGuard();

    guard.getOutputStream().close();

    assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    assertThat(guard.waitFor(30, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void whatAnInterruptedCreationLeftIsNoHindrance() throws Exception {
    Files.createDirectories(folder.path().resolve("postgres.new/base"));
    PostgresServer server = server("a".repeat(32));
    start(server);
    assertThat(rows(server.url(), "SHOW max_connections")).isEqualTo("30");
    assertThat(PostgresServer.POOL_SIZE).isLessThanOrEqualTo((30 - 2) / 2);
  }

  @Test
  void aFolderOfAnotherKindIsNotTouched() throws Exception {
    Path file = Files.writeString(Files.createDirectory(folder.postgres()).resolve("mine"), "x");
    assertThatExceptionOfType(PairException.class)
        .isThrownBy(() -> server("a".repeat(32)))
        .withMessageContaining("not a database of PostgreSQL");

    Files.writeString(folder.postgres().resolve("PG_VERSION"), "16\n");
    assertThatExceptionOfType(PairException.class)
        .isThrownBy(() -> server("a".repeat(32)))
        .withMessageContaining("was made by PostgreSQL 16")
        .withMessageContaining("`mcpist backup FILE`")
        .withMessageContaining("`mcpist restore FILE`");
    assertThat(file).hasContent("x");
  }

  private PostgresServer server(String password) throws Exception {
    Passwords passwords =
        new Passwords(Secret.of(password), Secret.of("z" + password.substring(1)));
    return PostgresServer.prepare(binaries, folder, 2, passwords);
  }

  private static Process start(PostgresServer server) throws Exception {
    Process process = server.launch();
    Thread.ofPlatform().daemon().start(() -> drain(process.getInputStream()));
    Conditions.await("it is ready", () -> server.ask(process) == Sign.READY);
    return process;
  }

  private static void drain(InputStream in) {
    try {
      in.transferTo(java.io.OutputStream.nullOutputStream());
    } catch (java.io.IOException _) {
      // It is gone.
    }
  }

  private static String rows(String url, String query) throws SQLException {
    URI uri = URI.create(url);
    String[] user = uri.getUserInfo().split(":", -1);
    try (Connection connection =
            DriverManager.getConnection(
                "jdbc:postgresql://127.0.0.1:" + uri.getPort() + uri.getPath(), user[0], user[1]);
        ResultSet rows = connection.createStatement().executeQuery(query)) {
      rows.next();
      return rows.getString(1);
    }
  }
}
