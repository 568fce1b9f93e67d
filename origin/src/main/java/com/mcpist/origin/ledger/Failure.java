package com.mcpist.origin.ledger;

import com.mcpist.module.ToolException;
import com.mcpist.origin.db.Database;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jdbi.v3.core.statement.StatementContext;
import org.jdbi.v3.core.statement.StatementException;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.PSQLException;
import org.postgresql.util.PSQLState;
import org.postgresql.util.ServerErrorMessage;

/** Whose fault a failure is, and so who can do something about it. */
enum Failure {
  /** Settled by asking the ledger, and working once more. The transaction may be committed. */
  PASSES,
  /**
   * The transaction was rolled back, because of somebody else's: again, while the call has time.
   */
  WAITS,
  /** This origin's, or its database's: another attempt may succeed. */
  ATTEMPT,
  /** The tool's. */
  TOOL;

  /**
   * Of a longer statement the server's own limit is the end, which the next run would reach, too.
   */
  static final Duration STATEMENT_TIME = Duration.ofSeconds(30);

  private static final String CANCELED = "57014";
  private static final String READ_ONLY = "25006";

  /**
   * By PostgreSQL's SQLSTATE code, Appendix A of its manual, or else by its class; what is in
   * neither is the tool's.
   */
  private static final Map<String, Failure> BY_STATE =
      Map.ofEntries(
          Map.entry("08", PASSES), // connection exception
          Map.entry("25P03", PASSES), // idle_in_transaction_session_timeout
          Map.entry("26000", PASSES), // invalid_sql_statement_name: another session of a pooler
          Map.entry("40", PASSES), // transaction rollback: serialization failure
          Map.entry("40P01", WAITS), // deadlock_detected: the other transaction goes on
          Map.entry("57P", PASSES), // operator intervention: the session was ended, as by the fence
          Map.entry("55P03", WAITS), // lock_not_available
          Map.entry(CANCELED, WAITS), // query_canceled by somebody
          Map.entry("25P04", ATTEMPT), // transaction_timeout: the deadline has passed
          Map.entry(READ_ONLY, ATTEMPT), // read_only_sql_transaction: another origin may write
          Map.entry("28", ATTEMPT), // invalid authorization: the password was changed
          Map.entry("53", ATTEMPT), // insufficient resources
          Map.entry("58", ATTEMPT), // system error
          Map.entry("MC001", ATTEMPT)); // the ledger's: the deadline has passed

  /** Whether there was no connection for what failed so. */
  static boolean noConnection(Throwable failure) {
    return Database.sqlFailures(failure)
        .anyMatch(e -> e instanceof SQLTransientConnectionException);
  }

  /** Whether a call is not as its only message said: not new, or with another result. */
  static boolean isOther(Throwable failure) {
    return Database.sqlFailures(failure).anyMatch(e -> "MC004".equals(e.getSQLState()));
  }

  /** Returns true if a notice was refused, since its call is too old for the ledger. */
  static boolean tooOld(SQLException failure) {
    return "MC005".equals(failure.getSQLState());
  }

  /** Whether it failed because the transaction may only read. */
  static boolean readOnly(Throwable failure) {
    return Database.sqlFailures(failure).anyMatch(e -> READ_ONLY.equals(e.getSQLState()));
  }

  static Failure of(Throwable failure) {
    boolean slow = false;
    for (@Nullable Throwable t = failure; t != null; t = t.getCause()) {
      if (t instanceof InterruptedException || t instanceof SQLTransientConnectionException) {
        // The origin stops; or the pool has waited as long as makes sense.
        return ATTEMPT;
      }
      slow |= t instanceof StatementException e && tookAll(e.getStatementContext());
      if (t instanceof SQLException sql) {
        String state = String.valueOf(sql.getSQLState());
        Failure found = slow && state.equals(CANCELED) ? TOOL : of(sql, state);
        if (found != TOOL) {
          return found;
        }
      }
    }
    return TOOL;
  }

  private static boolean tookAll(StatementContext statement) {
    // A statement that failed before it ran has no time.
    return statement.getExecutionMoment() != null
        && statement.getElapsedTime(ChronoUnit.MILLIS) >= STATEMENT_TIME.toMillis();
  }

  private static Failure of(SQLException e, String state) {
    if (isSecondEntry(e, state) || isStalePlan(e)) {
      return PASSES;
    }
    return Stream.of(5, 3, 2)
        .map(length -> BY_STATE.get(state.substring(0, Math.min(length, state.length()))))
        .filter(Objects::nonNull)
        .findFirst()
        .orElse(TOOL);
  }

  /** A migration has changed what a statement gives that this session had prepared. */
  private static boolean isStalePlan(SQLException e) {
    return e instanceof PSQLException p
        && p.getServerErrorMessage() != null
        && "RevalidateCachedQuery".equals(p.getServerErrorMessage().getRoutine());
  }

  /** Two attempts were not kept apart by their lock; the unique key is what keeps them apart. */
  private static boolean isSecondEntry(SQLException e, String state) {
    if (!state.equals(PSQLState.UNIQUE_VIOLATION.getState()) || !(e instanceof PSQLException p)) {
      return false;
    }
    ServerErrorMessage message = p.getServerErrorMessage();
    return message != null && "tool_call_pkey".equals(message.getConstraint());
  }

  /** The failure of stored_check if a user's plan allows no more to be stored. */
  static final class StorageLimit {
    private static final String STATE = "MC003";
    private static final double MIB = 1024.0 * 1024;

    private StorageLimit() {}

    /** What the caller is told, where that is why it failed. */
    static Optional<ToolException> refusal(Throwable failure) {
      return Database.sqlFailures(failure)
          .filter(e -> STATE.equals(e.getSQLState()))
          .findFirst()
          .map(StorageLimit::because);
    }

    private static ToolException because(SQLException e) {
      ToolException refusal = new ToolException(message(e));
      refusal.initCause(e);
      return refusal;
    }

    private static String message(SQLException e) {
      String[] bytes = detail(e).split(" ", -1);
      long stored = Long.parseLong(bytes[0]);
      long kept = Long.parseLong(bytes[1]);
      long most = Long.parseLong(bytes[2]);
      return "Nothing was done: it would bring what you have stored to %s, and you may store %s. %s"
          .formatted(mib(stored), mib(most), kept > most / 2 ? toWait(kept) : toDelete(kept));
    }

    /** Three amounts of bytes: what there would be, what of it is the ledger's, what may be. */
    private static String detail(SQLException e) {
      ServerErrorMessage said = e instanceof PSQLException p ? p.getServerErrorMessage() : null;
      if (said == null || said.getDetail() == null) {
        throw new IllegalStateException("PostgreSQL has told no detail", e);
      }
      return said.getDetail();
    }

    private static String toDelete(long kept) {
      return ("Delete for good what you do not need, then call again. %s of it is the record of"
              + " your earlier calls, so that none is done twice; it is deleted within a day.")
          .formatted(mib(kept));
    }

    private static String toWait(long kept) {
      return ("Most of it, %s, is the record of your earlier calls, so that none is done twice. It"
              + " is deleted within a quarter of an hour, or within a day of calls with an"
              + " Idempotency-Key.")
          .formatted(mib(kept));
    }

    /** Rounded up, so that too much is never said to be just enough. */
    private static String mib(long bytes) {
      return String.format(Locale.ROOT, "%.1f MiB", Math.ceil(bytes / MIB * 10) / 10);
    }
  }
}
