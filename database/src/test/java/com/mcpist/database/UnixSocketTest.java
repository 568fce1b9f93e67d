package com.mcpist.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.mcpist.testkit.Conditions;
import com.mcpist.testkit.PostgresServer;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real PostgreSQL that is reached by its Unix socket. */
class UnixSocketTest {
  private static Path folder;
  private static PostgresServer server;
  private static DatabaseUrl url;

  @BeforeAll
  static void start(@TempDir Path temp) throws Exception {
    folder = Files.createDirectory(temp.resolve("a b,c"));
    server =
        PostgresServer.start(
            Map.of(
                // Else a session sleeps on when its client has gone.
                "client_connection_check_interval",
                "100ms",
                "unix_socket_directories",
                "'\"" + folder + "\"'"));
    // The server of a test has a port of its own, which is in the socket's name.
    Files.createSymbolicLink(
        DatabaseUrl.socket(folder), folder.resolve(".s.PGSQL." + server.port()));
    url =
        DatabaseUrl.parse(
            "postgres://"
                + PostgresServer.USER
                + "@"
                + DatabaseUrl.socketHost(folder)
                + "/postgres");
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  private static Connection connect() throws SQLException {
    return url.connect(Map.of("connectTimeout", "10", "tcpKeepAlive", "true"));
  }

  private static String value(Connection connection, String query) throws SQLException {
    try (ResultSet rows = connection.createStatement().executeQuery(query)) {
      rows.next();
      return rows.getString(1);
    }
  }

  @Test
  void itsFolderIsInTheUrl() {
    assertThat(url.socketFolder()).contains(folder);
    assertThat(DatabaseUrl.parse("postgres://me@localhost/d").socketFolder()).isEmpty();
    assertThat(url)
        .hasToString("postgres://postgres@" + DatabaseUrl.socketHost(folder) + "/postgres");
  }

  @Test
  void noAddressOfANetworkIsAtTheOtherEnd() throws Exception {
    try (Connection connection = connect()) {
      assertThat(value(connection, "select inet_client_addr() is null")).isEqualTo("t");
    }
  }

  @Test
  void whatIsLargePassesBothWays() throws Exception {
    String large = "0123456789".repeat(500_000);
    try (Connection connection = connect();
        var statement = connection.prepareStatement("select ? || 'x'")) {
      statement.setString(1, large);
      try (ResultSet rows = statement.executeQuery()) {
        rows.next();
        assertThat(rows.getString(1)).isEqualTo(large + "x");
      }
    }
  }

  @Test
  void aReadEndsWithItsLimit() throws Exception {
    try (Connection connection = connect()) {
      connection.setNetworkTimeout(Runnable::run, 100);
      assertThatExceptionOfType(SQLException.class)
          .isThrownBy(() -> value(connection, "select pg_sleep(60)"))
          .withRootCauseInstanceOf(java.net.SocketTimeoutException.class);
      assertThat(connection.isClosed()).isTrue();
    }
  }

  @Test
  void anotherThreadClosesItUnderAReader() throws Exception {
    try (Connection connection = connect();
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<String> reading = threads.submit(() -> value(connection, "select pg_sleep(60)"));
      awaitSleepers(1);
      connection.abort(Runnable::run);
      assertThatExceptionOfType(java.util.concurrent.ExecutionException.class)
          .isThrownBy(reading::get)
          .withCauseInstanceOf(SQLException.class);
    }
    awaitSleepers(0);
  }

  @Test
  void anInterruptEndsAReader() throws Exception {
    try (Connection connection = connect();
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<String> reading = threads.submit(() -> value(connection, "select pg_sleep(60)"));
      awaitSleepers(1);
      reading.cancel(true);
      Conditions.await("it is closed", connection::isClosed);
    }
    awaitSleepers(0);
  }

  /**
   * Tests that a waiting thread holds no carrier: there are far fewer of those than connections.
   */
  @Test
  void manyVirtualThreadsWaitAtOnce() throws Exception {
    int many = 40;
    List<Future<String>> waiting = new ArrayList<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
        Connection lock = connect()) {
      assertThat(value(lock, "select pg_advisory_lock(1) is null")).isEqualTo("f");
      for (int i = 0; i < many; i++) {
        waiting.add(
            threads.submit(
                () -> {
                  try (Connection connection = connect()) {
                    return value(connection, "select pg_advisory_xact_lock_shared(1) is null");
                  }
                }));
      }
      Conditions.await(
          "all wait",
          () ->
              value(
                      lock,
                      "select count(*) from pg_locks where locktype = 'advisory' and not granted")
                  .equals("" + many));
      assertThat(value(lock, "select pg_advisory_unlock(1)")).isEqualTo("t");
      for (Future<String> each : waiting) {
        assertThat(each.get()).isEqualTo("f");
      }
    }
  }

  @Test
  void whereNobodyListensItSaysSo(@TempDir Path empty) {
    DatabaseUrl nobody = DatabaseUrl.parse("postgres://me@" + DatabaseUrl.socketHost(empty) + "/d");
    assertThatExceptionOfType(SQLException.class)
        .isThrownBy(() -> nobody.connect(Map.of()))
        .matches(e -> "08001".equals(e.getSQLState()));
  }

  @Test
  void aSocketThatIsClosedTakesAndGivesNothing() throws Exception {
    UnixSocket socket = new UnixSocket(UnixDomainSocketAddress.of(DatabaseUrl.socket(folder)));
    socket.connect(UnixDomainSocketAddress.of("stands for it"), 0);
    assertThat(socket.isConnected()).isTrue();
    socket.close();
    assertThat(socket.isClosed()).isTrue();
    assertThatExceptionOfType(java.io.IOException.class)
        .isThrownBy(() -> socket.getInputStream().read());
    assertThatExceptionOfType(java.io.IOException.class)
        .isThrownBy(() -> socket.getOutputStream().write(1));
  }

  private static void awaitSleepers(int number) {
    Conditions.await(
        number + " sleep",
        () -> {
          try (Connection connection = server.dataSource().getConnection()) {
            String query =
                "select count(*) from pg_stat_activity where query = 'select pg_sleep(60)'";
            return value(connection, query + " and state = 'active'").equals("" + number);
          }
        });
  }
}
