package com.mcpist.origin.db;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The pool of connections for calls. It opens whether the database is there or not, and follows it
 * when it goes and comes back. Connections have autocommit off and carry no session state, so that
 * they may come from a pooler in transaction mode.
 */
public final class Database implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Database.class);

  /** How long a call waits for a connection, in milliseconds. */
  private static final long CONNECTION_WAIT_MILLIS = 3_000;

  /** Longer than any statement may take: what is silent for so long is not there any more. */
  private static final String SOCKET_TIMEOUT_SECONDS = "40";

  private static final Map<String, String> POOL_DEFAULTS =
      Map.of(
          "ApplicationName", "mcpist",
          "connectTimeout", "2",
          "loginTimeout", "4",
          "socketTimeout", SOCKET_TIMEOUT_SECONDS,
          "tcpKeepAlive", "true");

  private final HikariDataSource pool;

  private Database(HikariDataSource pool) {
    this.pool = pool;
  }

  /** Opens the pool. Does not wait for the database, and does not fail without it. */
  public static Database open(DatabaseConfig config) {
    ReturningDataSource source = new ReturningDataSource();
    source.setURL(config.url().jdbc(POOL_DEFAULTS));
    source.setUser(config.url().user());
    source.setPassword(config.url().password());
    HikariConfig pool = new HikariConfig();
    pool.setPoolName("database");
    pool.setDataSource(source);
    pool.setAutoCommit(false);
    pool.setMaximumPoolSize(config.poolSize());
    // A standby must be able to take all the traffic at once: its connections are open before.
    pool.setMinimumIdle(config.poolSize());
    pool.setInitializationFailTimeout(-1);
    pool.setConnectionTimeout(CONNECTION_WAIT_MILLIS);
    pool.setValidationTimeout(1_000);
    pool.setKeepaliveTime(TimeUnit.SECONDS.toMillis(30));
    return new Database(new HikariDataSource(pool));
  }

  /**
   * A connection for one transaction. Closing it gives it back; a transaction that is still open is
   * then rolled back.
   *
   * @throws SQLException when there is none within 3 s
   */
  public Connection connection() throws SQLException {
    return pool.getConnection();
  }

  /**
   * A connection that has answered just now: for the attempt after one whose connection was lost,
   * when the pool may hold more that are lost.
   *
   * @throws SQLException when there is none within 3 s
   */
  public Connection freshConnection() throws SQLException {
    while (true) {
      Connection connection = pool.getConnection();
      if (connection.isValid(1)) {
        return connection;
      }
      discard(connection);
    }
  }

  /** Gives back a connection of which one cannot know in what state it is: it is closed. */
  public void discard(Connection connection) {
    pool.evictConnection(connection);
    try {
      connection.close();
    } catch (SQLException e) {
      LOG.debug("A discarded connection did not close: {}", e.getMessage());
    }
  }

  /** Replaces every connection, those in use when they are given back: the database was away. */
  public void replaceConnections() {
    if (!pool.isClosed()) {
      pool.getHikariPoolMXBean().softEvictConnections();
    }
  }

  /**
   * A connection outside the pool, with autocommit on, which waits for no other's end.
   *
   * @param connectSeconds the longest wait for the connection to be made
   * @param answerSeconds the longest wait for an answer
   * @throws SQLException when it cannot be made
   */
  public static Connection connect(DatabaseUrl url, int connectSeconds, int answerSeconds)
      throws SQLException {
    Properties properties = new Properties();
    properties.setProperty("user", url.user());
    properties.setProperty("password", url.password());
    String jdbc =
        url.jdbc(
            Map.of(
                "ApplicationName", "mcpist",
                "connectTimeout", Integer.toString(connectSeconds),
                "loginTimeout", Integer.toString(connectSeconds + answerSeconds),
                "socketTimeout", Integer.toString(answerSeconds),
                "tcpKeepAlive", "true"));
    return DriverManager.getConnection(jdbc, properties);
  }

  @Override
  public void close() {
    pool.close();
  }
}
