package com.mcpist.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.SQLException;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;

class PostgresTest {

  @Test
  void twoDatabasesDoNotSeeEachOther() throws SQLException {
    try (TestDatabase one = TestDatabase.create();
        TestDatabase other = TestDatabase.create()) {
      run(one.dataSource(), "CREATE TABLE t (n int)");

      assertThat(text(one.dataSource(), "SELECT to_regclass('t')::text")).isEqualTo("t");
      assertThat(text(other.dataSource(), "SELECT coalesce(to_regclass('t')::text, 'none')"))
          .isEqualTo("none");
      assertThat(one.url()).endsWith("/" + one.name());
    }
  }

  @Test
  void aClosedDatabaseIsGoneThoughASessionWasOpen() throws SQLException {
    TestDatabase database = TestDatabase.create();
    try (Connection connection = database.dataSource().getConnection()) {
      assertThat(connection.isValid(10)).isTrue();
      database.close();
      assertThatThrownBy(() -> database.dataSource().getConnection())
          .hasMessageContaining("does not exist");
    }
  }

  @Test
  void aServerThatIsStoppedRefusesAndComesBackWithItsData() throws SQLException {
    try (PostgresServer server = PostgresServer.start()) {
      run(server.dataSource(), "CREATE TABLE t AS SELECT 7 AS n");
      server.stop();
      assertThatThrownBy(() -> server.dataSource().getConnection())
          .isInstanceOf(SQLException.class);
      server.resume();
      assertThat(text(server.dataSource(), "SELECT n FROM t")).isEqualTo("7");
      assertThat(text(server.dataSource(), "SHOW fsync")).isEqualTo("on");
      assertThat(text(server.dataSource(), "SHOW server_version")).startsWith("17.");
    }
  }

  private static void run(DataSource source, String sql) throws SQLException {
    try (Connection connection = source.getConnection();
        var statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private static String text(DataSource source, String sql) throws SQLException {
    try (Connection connection = source.getConnection();
        var result = connection.createStatement().executeQuery(sql)) {
      result.next();
      return result.getString(1);
    }
  }
}
