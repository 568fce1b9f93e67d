package com.mcpist.origin.http;

import com.mcpist.database.DatabaseUrl;
import com.mcpist.origin.db.Database;
import com.mcpist.origin.db.Database.LoginGate;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.model.registry.Collector;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks the database for an answer several times a second, on a connection of its own, so that calls
 * that hold all of the pool's do not look like a database that is away.
 */
public final class DatabaseMonitor implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(DatabaseMonitor.class);
  private static final Duration INTERVAL = Duration.ofMillis(300);
  private static final Duration RECONNECT = Duration.ofMillis(100);
  private static final int CONNECT_SECONDS = 1;

  /** Then it connects anew: an old session may write where a new one may not. */
  private static final int PINGS_OF_A_SESSION = 30;

  private static final long SKEW_MILLIS = 30_000;

  /** A database that only reads is away: a primary that was demoted, say. */
  private static final String READ_ONLY = "25006";

  /** As the database has it, the answer's way included. */
  private static final String PING =
      """
      select (extract(epoch from clock_timestamp()) * 1000)::bigint,
        pg_is_in_recovery() or current_setting('transaction_read_only')::boolean\
      """;

  private final DatabaseUrl url;
  private final LoginGate gate;
  private final Runnable lost;
  private final Outages outages;
  private final Thread thread;
  private volatile State state = State.unknown(System.nanoTime(), System.currentTimeMillis());
  private boolean away;
  private Instant awaySince = Instant.EPOCH;
  private String awayFor = "";
  private boolean skewed;
  private int refusals;

  /** Told of each time in which the database was away, when it is back. */
  @FunctionalInterface
  public interface Outages {
    void over(Instant since, Instant until, String why);
  }

  /** One that tells nobody of outages. */
  public DatabaseMonitor(DatabaseUrl url, LoginGate gate, Runnable lost) {
    this(url, gate, lost, (_, _, _) -> {});
  }

  /**
   * Returns at once. It logs in once the gate is open, and runs lost each time the database goes
   * away after it has answered.
   */
  public DatabaseMonitor(DatabaseUrl url, LoginGate gate, Runnable lost, Outages outages) {
    this.url = url;
    this.gate = gate;
    this.lost = lost;
    this.outages = outages;
    this.thread = Thread.ofVirtual().name("database monitor").start(this::watch);
  }

  State state() {
    return state;
  }

  public Collector collector() {
    return GaugeWithCallback.builder()
        .name("mcpist_database_up")
        .help("1 while the database answers and may be written, else 0")
        .callback(value -> value.call(state.healthy(System.nanoTime()) ? 1 : 0))
        .build();
  }

  /** What time it is by the database's clock; by this machine's until the database has said. */
  public Instant now() {
    return Instant.ofEpochMilli(state.clock(System.nanoTime()));
  }

  private void watch() {
    try {
      gate.await();
      @Nullable Connection next = null;
      while (true) {
        try (Connection connection = next != null ? next : connect();
            Statement statement = connection.createStatement()) {
          next = null;
          ping(statement);
          refusals = 0;
          if (away) {
            LOG.info("The database is back");
            away = false;
            lost.run(); // Sessions that began meanwhile may only read.
            outages.over(awaySince, now(), awayFor);
          }
          next = keepAsking(statement);
        } catch (SQLException e) {
          unanswered(e);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * The first failure may be this connection's own, so a new one is tried at once; only when that
   * fails too is the database away.
   */
  private void unanswered(SQLException failure) throws InterruptedException {
    refusals = LoginGate.refused(failure) ? refusals + 1 : 0;
    boolean first = state.answering();
    state = state.silent(READ_ONLY.equals(failure.getSQLState()));
    if (first) {
      return;
    }
    if (!away) {
      away = true;
      awaySince = now();
      awayFor = Database.firstLine(failure);
      LOG.warn("The database is away: {}", failure.getMessage());
      lost.run();
    }
    TimeUnit.MILLISECONDS.sleep((refusals > 0 ? LoginGate.pause(refusals) : RECONNECT).toMillis());
  }

  /** Returns the next session. While there can be none, this one still says how the database is. */
  private Connection keepAsking(Statement statement) throws SQLException, InterruptedException {
    while (true) {
      for (int i = 0; i < PINGS_OF_A_SESSION; i++) {
        TimeUnit.MILLISECONDS.sleep(INTERVAL.toMillis());
        ping(statement);
      }
      try {
        return connect();
      } catch (SQLException e) {
        LOG.warn("The database takes no new session: {}", e.getMessage());
      }
    }
  }

  private Connection connect() throws SQLException {
    return Database.connect(url, CONNECT_SECONDS, (int) State.PING_LIMIT.toSeconds());
  }

  private void ping(Statement statement) throws SQLException {
    long asked = System.nanoTime();
    try (ResultSet row = statement.executeQuery(PING)) {
      row.next();
      if (row.getBoolean(2)) {
        throw new SQLException("it only reads", READ_ONLY);
      }
      state = state.answered(asked, System.nanoTime(), row.getLong(1));
    }
    long skew = System.currentTimeMillis() - now().toEpochMilli();
    if (Math.abs(skew) > SKEW_MILLIS && !skewed) {
      LOG.warn("This machine's clock and the database's are {} ms apart", skew);
    }
    skewed = Math.abs(skew) > SKEW_MILLIS;
  }

  @Override
  public void close() {
    thread.interrupt();
  }

  /**
   * What is known of the database: whether the last ping was answered, or told that it only reads;
   * when the last one was answered, by {@link System#nanoTime()}, how long that took, and what time
   * it was then by the database's clock, in milliseconds since 1970.
   */
  record State(
      boolean answering,
      boolean readOnly,
      long answeredAtNanos,
      long latencyMillis,
      long clockMillis) {
    /** An answer that takes longer counts as none. */
    static final Duration PING_LIMIT = Duration.ofSeconds(3);

    /** What the heartbeat calls "just now". */
    static final Duration RECENTLY = Duration.ofSeconds(1);

    static State unknown(long nowNanos, long wallMillis) {
      return new State(false, false, nowNanos, 0, wallMillis);
    }

    /** The clock was read half of the time ago that the ping took. */
    State answered(long askedNanos, long nowNanos, long clock) {
      long latency = Duration.ofNanos(nowNanos - askedNanos).toMillis();
      return new State(true, false, nowNanos, latency, clock + latency / 2);
    }

    State silent(boolean onlyReads) {
      return new State(false, onlyReads, answeredAtNanos, latencyMillis, clockMillis);
    }

    long clock(long nowNanos) {
      return clockMillis + Duration.ofNanos(nowNanos - answeredAtNanos).toMillis();
    }

    /** Whether a ping now would be answered within its limit, as far as one can know. */
    boolean healthy(long nowNanos) {
      return answering && nowNanos - answeredAtNanos <= PING_LIMIT.toNanos();
    }

    /** Whether the database has answered within the last second. */
    boolean answeredRecently(long nowNanos) {
      return answering && nowNanos - answeredAtNanos <= RECENTLY.toNanos();
    }
  }
}
