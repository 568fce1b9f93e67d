package com.mcpist.origin.admin;

import com.mcpist.origin.db.Database;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.Objects;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Short transactions, few at once, so that calls always find a connection. Each must be such that
 * doing it twice is as doing it once: when its connection breaks it is tried once more, and it may
 * have been committed before.
 */
public final class AdminTransactions {
  private static final Logger LOG = LoggerFactory.getLogger(AdminTransactions.class);

  /** The connection is lost; its server ends; undone for another's sake. */
  private static final Pattern LOST_OR_UNDONE = Pattern.compile("(08|57P|40).*");

  /** Beside those: no connection, a limit of time, no room, a failure of the system. */
  private static final Pattern PASSING = Pattern.compile("|(08|40|25P|53|55|57|58).*");

  private static final int AT_ONCE = 2;
  private static final long TURN_MILLIS = 3_000;

  /**
   * For this transaction alone: its session may be another's next. With limits, and with the right
   * to see all keys and plans.
   */
  private static final String BEGINNING =
      """
      select set_config('statement_timeout', '2000', true), set_config('lock_timeout', '1000', true),
        set_config('idle_in_transaction_session_timeout', '3000', true),
        set_config('transaction_timeout', '5000', true), set_config('mcpist.admin', 'on', true),
        set_config('enable_seqscan', 'off', true), set_config('jit', 'off', true)\
      """;

  private final Database database;
  private final BooleanSupplier ready;
  private final Semaphore turns = new Semaphore(AT_ONCE, true);

  public AdminTransactions(Database database, BooleanSupplier ready) {
    this.database = database;
    this.ready = ready;
  }

  /** Runs one; blocks for some seconds at most. */
  public <T> T run(Function<Handle, T> work) throws AdminProblem {
    if (!ready.getAsBoolean()) {
      throw AdminProblem.away("The database is away, or its schema is not there yet.");
    }
    try {
      if (!turns.tryAcquire(TURN_MILLIS, TimeUnit.MILLISECONDS)) {
        throw AdminProblem.away("Earlier requests still wait for the database.");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw AdminProblem.away("This origin stops.");
    }
    try {
      return twice(work);
    } catch (SQLException | RuntimeException e) {
      String state = state(e);
      if (state == null || !PASSING.matcher(state).matches()) {
        throw new IllegalStateException("A transaction failed", e);
      }
      LOG.info("The database did not do it: {}", Database.firstLine(e));
      throw AdminProblem.away("The database does not answer, or has no connection free.");
    } finally {
      turns.release();
    }
  }

  private <T> T twice(Function<Handle, T> work) throws SQLException {
    try {
      return once(database.open(), work);
    } catch (SQLException | RuntimeException e) {
      String state = state(e);
      if (state == null || !LOST_OR_UNDONE.matcher(state).matches()) {
        throw e;
      }
      LOG.info("Trying again after: {}", Database.firstLine(e));
      return once(database.openFresh(), work);
    }
  }

  private <T> T once(Handle handle, Function<Handle, T> work) throws SQLException {
    T result;
    try {
      handle.execute(BEGINNING);
      result = work.apply(handle);
      handle.getConnection().commit();
    } catch (SQLException | RuntimeException e) {
      database.undo(handle);
      throw e;
    }
    handle.close();
    return result;
  }

  /** A column's instant in ISO 8601; null where it is null. */
  static @Nullable String instant(ResultSet row, String column) throws SQLException {
    @Nullable OffsetDateTime time = row.getObject(column, OffsetDateTime.class);
    return time == null ? null : time.toInstant().toString();
  }

  /** The SQLSTATE, empty for a wait for a connection that was too long; null: nothing of SQL. */
  private static @Nullable String state(Throwable failure) {
    return Database.sqlFailures(failure)
        .findFirst()
        .map(e -> Objects.requireNonNullElse(e.getSQLState(), ""))
        .orElse(null);
  }
}
