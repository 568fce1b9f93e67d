package com.mcpist.testkit;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;

/**
 * An empty PostgreSQL 17 database of a test's own. All of them are on one server, started at the
 * first use in a JVM and stopped at its exit. That server doesn't wait for the disk, so it is for
 * tests in which only clients fail; {@link PostgresServer} is for those in which the database does.
 */
public final class TestDatabase implements AutoCloseable {

  private static final AtomicInteger NUMBER = new AtomicInteger();

  /** Tests of one JVM share a server because a start takes longer than most tests. */
  private static final class Shared {
    static final PostgresServer SERVER =
        PostgresServer.start(
            Map.of(
                "fsync",
                "off",
                "synchronous_commit",
                "off",
                "full_page_writes",
                "off",
                "max_connections",
                "200"));
  }

  private final String name;

  private TestDatabase(String name) {
    this.name = name;
  }

  /** Makes an empty database: some tens of milliseconds, about 2 s for the first in a JVM. */
  public static TestDatabase create() throws SQLException {
    String name = "test_" + NUMBER.incrementAndGet();
    administer("CREATE DATABASE " + name);
    return new TestDatabase(name);
  }

  private static void administer(String sql) throws SQLException {
    try (Connection connection = Shared.SERVER.dataSource().getConnection();
        var statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  public String name() {
    return name;
  }

  public int port() {
    return Shared.SERVER.port();
  }

  /** Its owner's address, a superuser's: what the programs take in MIGRATION_DATABASE_URL. */
  public String url() {
    return Shared.SERVER.url(name);
  }

  /**
   * The address of the role that origins run as, for DATABASE_URL. The first origin makes the role.
   */
  public String originUrl() {
    return Shared.SERVER.originUrl(name);
  }

  /** With the user in it; there is no password. */
  public String jdbcUrl() {
    return "jdbc:postgresql://127.0.0.1:" + port() + "/" + name + "?user=" + PostgresServer.USER;
  }

  /** Opens a connection for each call. */
  public DataSource dataSource() {
    return Shared.SERVER.dataSource(name);
  }

  /** Ends the sessions that are still open, and drops it. */
  @Override
  public void close() throws SQLException {
    administer("DROP DATABASE IF EXISTS " + name + " WITH (FORCE)");
  }
}
