package com.mcpist.origin.db;

import com.mcpist.database.DatabaseUrl;
import com.mcpist.origin.trace.Span;
import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.model.registry.Collector;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jdbi.v3.core.ConnectionException;
import org.jdbi.v3.core.ConnectionFactory;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Handles;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;
import org.jdbi.v3.core.statement.SqlLogger;
import org.jdbi.v3.core.statement.StatementContext;
import org.jdbi.v3.core.statement.StatementExceptions;
import org.jspecify.annotations.Nullable;
import org.postgresql.ds.PGSimpleDataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The pool of connections for calls. It opens whether the database is there or not, and follows it
 * when it goes and comes back. Connections have autocommit off and carry no session state, so that
 * they may come from a pooler in transaction mode.
 */
public final class Database implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Database.class);
  private static final long CONNECTION_WAIT_MILLIS = 1_500;
  private static final double NANOS = 1e9;

  private static final Map<String, String> POOL_DEFAULTS =
      Map.of(
          "ApplicationName", "mcpist",
          "connectTimeout", "1",
          "loginTimeout", "4",
          // Longer than any statement may take: what is silent for so long is not there any more.
          "socketTimeout", "40",
          "tcpKeepAlive", "true",
          "logServerErrorDetail", "false");

  private final ReturningDataSource source;
  private final HikariDataSource pool;
  private final Shares shares;
  private final Map<Connection, Place> inUse = new ConcurrentHashMap<>();
  private final Jdbi jdbi;
  private final Jdbi freshJdbi;
  private volatile Usage usage = Usage.UNCOUNTED;

  private final Histogram queries =
      Histogram.builder()
          .name("mcpist_db_query_duration_seconds")
          .help("What a statement of a call took")
          .classicOnly()
          .classicUpperBounds(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 30)
          .withoutExemplars()
          .build();

  private Database(ReturningDataSource source, HikariDataSource pool) {
    this.source = source;
    this.pool = pool;
    this.shares =
        new Shares(pool.getMaximumPoolSize(), CONNECTION_WAIT_MILLIS, user -> usage.isHeavy(user));
    this.jdbi = jdbi(pool::getConnection);
    this.freshJdbi = jdbi(this::fresh);
  }

  /**
   * Opens the pool. Does not wait for the database, and does not fail without it; and does not log
   * in before the gate is open.
   */
  public static Database open(Config config, LoginGate gate) {
    DatabaseUrl url = config.calls();
    ReturningDataSource source = new ReturningDataSource(url, gate);
    source.setURL(url.jdbc(POOL_DEFAULTS));
    source.setUser(url.user());
    source.setPassword(url.password());
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
    return new Database(source, new HikariDataSource(pool));
  }

  /** From now on users' database time is counted here. */
  public void countWith(Usage counter) {
    usage = counter;
  }

  /**
   * The same for a call of this user's, who has no more than a share of them: waits for this user's
   * other calls for as long as they may take. A fresh one is as {@link #openFresh} has it. Throws
   * ConnectionException when there is none within 1.5 s beyond that.
   */
  public Handle openFor(String user, boolean fresh) {
    Runnable place;
    try {
      place = shares.take(user);
    } catch (SQLException e) {
      throw new ConnectionException(e);
    }
    try {
      Handle handle = fresh ? openFresh() : open();
      long began = System.nanoTime();
      inUse.put(
          handle.getConnection(),
          lost -> {
            if (!lost) {
              usage.add(user, Duration.ofNanos(System.nanoTime() - began));
            }
            place.run();
          });
      return handle;
    } catch (RuntimeException e) {
      place.run();
      throw e;
    }
  }

  /**
   * A connection for one transaction of this origin's own. Closing it gives it back, and rolls an
   * open one back. Throws ConnectionException when there is none within 1.5 s.
   */
  public Handle open() {
    return jdbi.open();
  }

  /**
   * A connection that has answered just now: for the attempt after one that was lost, when the pool
   * may hold more such. Throws ConnectionException when there is none within 1.5 s.
   */
  public Handle openFresh() {
    return freshJdbi.open();
  }

  /** Gives back a connection of which one cannot know in what state it is: it is closed. */
  public void discard(Handle handle) {
    pool.evictConnection(handle.getConnection());
    try {
      handle.close();
    } catch (JdbiException e) {
      LOG.debug("A discarded connection did not close: {}", e.getMessage());
    }
  }

  /**
   * Rolls back and gives the connection back. Returns why it could not be rolled back: its
   * connection is lost, and it has been closed.
   */
  public Optional<SQLException> undo(Handle handle) {
    Connection connection = handle.getConnection();
    try {
      connection.rollback();
    } catch (SQLException e) {
      discard(handle);
      return Optional.of(e);
    }
    handle.close();
    return Optional.empty();
  }

  private Connection fresh() throws SQLException {
    while (true) {
      Connection connection = pool.getConnection();
      if (connection.isValid(1)) {
        return connection;
      }
      pool.evictConnection(connection);
      connection.close();
    }
  }

  /** Knows which of these connections are in use. */
  private Jdbi jdbi(ConnectionFactory connections) {
    ConnectionFactory tracking =
        new ConnectionFactory() {
          @Override
          public Connection openConnection() throws SQLException {
            Connection connection = connections.openConnection();
            inUse.put(connection, lost -> {}); // A place of nobody's, until a user has it.
            return connection;
          }

          @Override
          public void closeConnection(Connection connection) throws SQLException {
            Place place = inUse.remove(connection);
            boolean lost = connection.isClosed();
            try {
              connection.close();
            } finally {
              if (place != null) {
                place.giveBack(lost);
              }
            }
          }
        };
    Jdbi jdbi = Jdbi.create(tracking);
    // Whoever opens a connection here ends its transaction; Jdbi would ask the server once more.
    jdbi.getConfig(Handles.class).setForceEndTransactions(false);
    // What a person has told a tool is no business of the log's.
    jdbi.getConfig(StatementExceptions.class)
        .setMessageRendering(StatementExceptions.MessageRendering.NONE);
    jdbi.setSqlLogger(observing());
    jdbi.registerArrayType(String.class, "text");
    jdbi.registerArrayType(UUID.class, "uuid");
    return jdbi;
  }

  private SqlLogger observing() {
    return new SqlLogger() {
      @Override
      public void logAfterExecution(StatementContext statement) {
        ran(statement, null);
      }

      @Override
      public void logException(StatementContext statement, SQLException failure) {
        ran(statement, failure);
      }

      private void ran(StatementContext statement, @Nullable SQLException failure) {
        String sql = String.valueOf(statement.getRawSql());
        Database.this.ran(sql, statement.getElapsedTime(ChronoUnit.NANOS), failure);
      }
    };
  }

  /**
   * Counts a statement that has just ended, beside those of Jdbi; {@code failure}: null if it has
   * not failed.
   */
  public void ran(String sql, long nanos, @Nullable SQLException failure) {
    queries.observe(nanos / NANOS);
    Span.current().ran(sql, nanos, failure);
  }

  public Collector collector() {
    return queries;
  }

  /** What of SQL there is among a failure and its causes, the failure first. */
  public static Stream<SQLException> sqlFailures(Throwable failure) {
    List<SQLException> found = new ArrayList<>();
    for (@Nullable Throwable t = failure; t != null; t = t.getCause()) {
      if (t instanceof SQLException sql) {
        found.add(sql);
      }
    }
    return found.stream();
  }

  /** The first line of its message, for the log. */
  public static String firstLine(Throwable failure) {
    return String.valueOf(failure.getMessage()).lines().findFirst().orElse("");
  }

  /** Of a connection that is in use. */
  @FunctionalInterface
  private interface Place {
    void giveBack(boolean lost);
  }

  /**
   * How much of the database's time each user's calls take: as long as they have a connection. One
   * that is lost is not counted.
   */
  public interface Usage {
    Usage UNCOUNTED =
        new Usage() {
          @Override
          public void add(String user, Duration time) {}

          @Override
          public boolean isHeavy(String user) {
            return false;
          }
        };

    void add(String user, Duration time);

    /** Whether it is so much that the user's calls get one connection at a time. */
    boolean isHeavy(String user);
  }

  /** What the database has under a key, as it is now. Blocks for some seconds at most. */
  @FunctionalInterface
  public interface Lookup<T> {
    T find(String key) throws SQLException;
  }

  /**
   * Closes every connection, because the database is not there any more. What is in flight fails at
   * once instead of waiting for an answer that may have been lost on the way.
   */
  public void dropConnections() {
    inUse.keySet().forEach(Database::abort);
    if (!pool.isClosed()) {
      pool.getHikariPoolMXBean().softEvictConnections();
    }
  }

  private static void abort(Connection connection) {
    try {
      connection.abort(Runnable::run);
    } catch (SQLException e) {
      LOG.debug("A connection could not be aborted: {}", e.getMessage());
    }
  }

  /**
   * A connection outside the pool, with autocommit on, which waits for no other's end, and for
   * connecting and for each answer no longer than so.
   */
  public static Connection connect(DatabaseUrl url, int connectSeconds, int answerSeconds)
      throws SQLException {
    return url.connect(
        Map.of(
            "ApplicationName",
            "mcpist",
            "connectTimeout",
            Integer.toString(connectSeconds),
            "socketTimeout",
            Integer.toString(answerSeconds),
            "tcpKeepAlive",
            "true"));
  }

  @Override
  public void close() {
    source.stop();
    pool.close();
  }

  /**
   * Connects as soon as the database is there, asking often. A pool's own waiting between attempts
   * grows to seconds, and so does the time in which a database that has come back is not used.
   */
  static final class ReturningDataSource extends PGSimpleDataSource {
    private static final long serialVersionUID = 1L;
    private static final long FIRST_WAIT_MILLIS = 25;
    private static final long LONGEST_WAIT_MILLIS = 400;
    private static final Duration LOOK = Duration.ofMillis(50);

    private final transient DatabaseUrl url;
    private final transient LoginGate gate;
    private final transient CountDownLatch stopped = new CountDownLatch(1);

    ReturningDataSource(DatabaseUrl url, LoginGate gate) {
      this.url = url;
      this.gate = gate;
    }

    @Override
    public Connection getConnection() throws SQLException {
      try {
        while (!gate.await(LOOK)) {
          if (stopped.getCount() == 0) {
            throw new SQLException("The pool is closed");
          }
        }
        return connect();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new SQLException("Interrupted while connecting", e);
      }
    }

    private Connection connect() throws SQLException, InterruptedException {
      long wait = FIRST_WAIT_MILLIS;
      int refusals = 0;
      while (true) {
        try {
          return super.getConnection();
        } catch (SQLException e) {
          boolean refused = LoginGate.refused(e);
          refusals = refused ? refusals + 1 : 0;
          if (stopped.await(
              refused ? LoginGate.pause(refusals).toMillis() : wait, TimeUnit.MILLISECONDS)) {
            throw url.explained(e);
          }
          wait = Math.min(LONGEST_WAIT_MILLIS, wait * 2);
        }
      }
    }

    /** Lets the pool be closed, which waits for the thread that connects. */
    void stop() {
      stopped.countDown();
    }
  }

  /**
   * Which database, and how many connections for calls at most. Migrations is the tables' owner,
   * past a pooler: it changes the schema, and makes the role of {@code url}. Where it is empty
   * another origin does, or, in development, the role of {@code url} may be the owner.
   */
  public record Config(
      DatabaseUrl url, Optional<DatabaseUrl> migrations, int poolSize, boolean development) {
    static final String ORIGIN_ROLE = "mcpist_origin";

    /**
     * Whether {@code url} is the owner's, whose sessions for calls lay its rights down. Where a
     * pooler hands the sessions out, that cannot be.
     */
    boolean assumesRole() {
      return development && migrations.isEmpty() && !url.pooler();
    }

    DatabaseUrl calls() {
      return assumesRole() ? url.assuming(ORIGIN_ROLE) : url;
    }

    Optional<DatabaseUrl> owner() {
      return assumesRole() ? Optional.of(url) : migrations;
    }
  }

  /**
   * Keeps those who log in as the role of calls from trying it before that role is there and has
   * been looked at: some poolers lock everybody out after a few logins that failed.
   */
  public static final class LoginGate {
    /** How long to leave the database alone after it has refused a login, at first. */
    private static final Duration FIRST_PAUSE = Duration.ofSeconds(10);

    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(60);

    /** SQLSTATE's class for a role or a password that is not taken. */
    private static final String REFUSED = "28";

    private final CountDownLatch closed = new CountDownLatch(1);

    public void open() {
      closed.countDown();
    }

    public void await() throws InterruptedException {
      closed.await();
    }

    /** Waits so long at most, and says whether it is open. */
    boolean await(Duration most) throws InterruptedException {
      return closed.await(most.toNanos(), TimeUnit.NANOSECONDS);
    }

    /** Whether a login, or an address of the database, was refused, and will be again. */
    public static boolean refused(Exception failure) {
      return Database.sqlFailures(failure)
          .anyMatch(e -> String.valueOf(e.getSQLState()).startsWith(REFUSED));
    }

    /** How long to wait before the next login after so many refusals in a row, at least one. */
    public static Duration pause(int refusals) {
      Duration pause = FIRST_PAUSE.multipliedBy(1L << Math.min(refusals - 1, 10));
      return pause.compareTo(LONGEST_PAUSE) < 0 ? pause : LONGEST_PAUSE;
    }
  }
}
