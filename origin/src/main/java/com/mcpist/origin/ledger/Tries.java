package com.mcpist.origin.ledger;

import com.mcpist.module.Invocation;
import com.mcpist.module.ToolRunner.AttemptFailedException;
import com.mcpist.origin.db.Database;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jdbi.v3.core.Handle;
import org.postgresql.util.PSQLState;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Repeats a transaction that failed for a reason that passes, and undoes what is not to be. */
final class Tries {
  private static final Logger LOG = LoggerFactory.getLogger(Tries.class);
  private static final int MOST = 4;
  private static final long PAUSE_MILLIS = 20;

  @FunctionalInterface
  interface Transaction<T> {
    /** Runs it from its beginning; from the second try on it must not trust a pooled connection. */
    T run(int number) throws Exception;
  }

  private Tries() {}

  static <T> T of(String what, Patience patience, Transaction<T> transaction) throws Exception {
    int number = 1;
    while (true) {
      try {
        return transaction.run(number);
      } catch (Exception e) {
        Failure why = Failure.of(e);
        if (why == Failure.WAITS) {
          patience.pause();
        } else if (why == Failure.PASSES && number < MOST) {
          long most = PAUSE_MILLIS * number++;
          TimeUnit.MILLISECONDS.sleep(ThreadLocalRandom.current().nextLong(most));
        } else {
          throw e;
        }
        LOG.info("{}: trying again after: {}", what, Database.firstLine(e));
      }
    }
  }

  /** As {@link Database#undo}, with a failure that passes. */
  static Optional<SQLException> undo(Database database, Handle handle) {
    return database.undo(handle).map(Tries::lost);
  }

  /** The pool takes away a connection that it knows to be lost, and then says no more than that. */
  static SQLException lost(SQLException e) {
    return new SQLException(
        "The connection was lost: " + e.getMessage(), PSQLState.CONNECTION_FAILURE.getState(), e);
  }

  /** Waits for another transaction to end, holding no connection meanwhile. */
  static final class Patience {
    private static final long FIRST_MILLIS = 10;
    private static final long LONGEST_MILLIS = 200;

    private final Invocation invocation;
    private final long endNanos;
    private long millis = FIRST_MILLIS;

    Patience(Invocation invocation, Duration withoutDeadline) {
      this.invocation = invocation;
      this.endNanos = System.nanoTime() + invocation.timeLeft().orElse(withoutDeadline).toNanos();
    }

    /**
     * Waits a little, longer each time. Throws AttemptFailedException when the attempt has waited
     * for as long as it may.
     */
    void pause() throws InterruptedException, AttemptFailedException {
      if (invocation.cancelled()) {
        throw failed(new CancellationException("the call was cancelled"));
      }
      if (System.nanoTime() - endNanos >= 0) {
        throw failed(new TimeoutException("it has waited long enough"));
      }
      TimeUnit.MILLISECONDS.sleep(millis / 2 + ThreadLocalRandom.current().nextLong(millis));
      millis = Math.min(LONGEST_MILLIS, millis * 2);
    }

    private static AttemptFailedException failed(Exception why) {
      return new AttemptFailedException(
          "Another transaction is in this call's way, and " + why.getMessage(), why);
    }
  }
}
