package com.mcpist.origin.http;

import com.mcpist.origin.db.Database;
import com.mcpist.origin.db.Database.LoginGate;
import com.mcpist.origin.db.DatabaseUrl;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
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

  private final DatabaseUrl url;
  private final LoginGate gate;
  private final Runnable lost;
  private final Thread thread;
  private volatile State state = State.unknown(System.nanoTime());
  private boolean away;
  private int refusals;

  /**
   * Returns at once. It logs in once the gate is open, and runs lost each time the database goes
   * away after it has answered.
   */
  public DatabaseMonitor(DatabaseUrl url, LoginGate gate, Runnable lost) {
    this.url = url;
    this.gate = gate;
    this.lost = lost;
    this.thread = Thread.ofVirtual().name("database monitor").start(this::watch);
  }

  State state() {
    return state;
  }

  private void watch() {
    try {
      gate.await();
      while (true) {
        try (Connection connection =
                Database.connect(url, CONNECT_SECONDS, (int) State.PING_LIMIT.toSeconds());
            Statement statement = connection.createStatement()) {
          ping(statement);
          refusals = 0;
          if (away) {
            LOG.info("The database is back");
            away = false;
          }
          keepAsking(statement);
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
    state = state.silent();
    if (first) {
      return;
    }
    if (!away) {
      away = true;
      LOG.warn("The database is away: {}", failure.getMessage());
      lost.run();
    }
    TimeUnit.MILLISECONDS.sleep((refusals > 0 ? LoginGate.pause(refusals) : RECONNECT).toMillis());
  }

  private void keepAsking(Statement statement) throws SQLException, InterruptedException {
    while (true) {
      TimeUnit.MILLISECONDS.sleep(INTERVAL.toMillis());
      ping(statement);
    }
  }

  private void ping(Statement statement) throws SQLException {
    long asked = System.nanoTime();
    statement.execute("select 1");
    state = state.answered(asked, System.nanoTime());
  }

  @Override
  public void close() {
    thread.interrupt();
  }

  /**
   * What is known of the database: whether the last ping was answered, when the last one was, by
   * {@link System#nanoTime()}, and how long that took.
   */
  record State(boolean answering, long answeredAtNanos, long latencyMillis) {
    /** An answer that takes longer counts as none. */
    static final Duration PING_LIMIT = Duration.ofSeconds(3);

    /** What the heartbeat calls "just now". */
    static final Duration RECENTLY = Duration.ofSeconds(1);

    static State unknown(long nowNanos) {
      return new State(false, nowNanos, 0);
    }

    State answered(long askedNanos, long nowNanos) {
      return new State(true, nowNanos, Duration.ofNanos(nowNanos - askedNanos).toMillis());
    }

    State silent() {
      return new State(false, answeredAtNanos, latencyMillis);
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
