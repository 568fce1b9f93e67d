package com.mcpist.origin.ledger;

import com.mcpist.origin.db.Database;
import com.mcpist.origin.module.ToolException;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.PSQLException;
import org.postgresql.util.PSQLState;
import org.postgresql.util.ServerErrorMessage;

/** Whose fault a failure is, and so who can do something about it. */
enum Failure {
  /** Settled by asking the ledger, and working once more. The transaction may be committed. */
  PASSES,
  /** This origin's, or its database's: another attempt may succeed. */
  ATTEMPT,
  /** The tool's. */
  TOOL;

  /** PostgreSQL's SQLSTATE codes, Appendix A of its manual. Class 08 is a lost connection. */
  private static final Set<String> PASSING =
      Set.of(
          "25P03", // idle_in_transaction_session_timeout
          "40001", // serialization_failure
          "40P01", // deadlock_detected
          "55P03", // lock_not_available: the fenced attempt is still ending
          "57P01", // admin_shutdown: the session was ended, as the fence does
          "57P02", // crash_shutdown
          "57P03"); // cannot_connect_now: it is starting

  /** Beside these the classes 53, lack of resources, and 58, failure of the system. */
  private static final Set<String> ORIGINS =
      Set.of(
          "25P04", // transaction_timeout: the deadline has passed
          "MC001"); // the ledger's: so it has

  /** Whether there was no connection for what failed so. */
  static boolean noConnection(Throwable failure) {
    return Database.sqlFailures(failure)
        .anyMatch(e -> e instanceof SQLTransientConnectionException);
  }

  static Failure of(Throwable failure) {
    for (@Nullable Throwable t = failure; t != null; t = t.getCause()) {
      if (t instanceof InterruptedException || t instanceof SQLTransientConnectionException) {
        // The origin stops; or the pool has waited as long as makes sense.
        return ATTEMPT;
      }
      if (t instanceof SQLException sql) {
        Failure found = of(sql, String.valueOf(sql.getSQLState()));
        if (found != TOOL) {
          return found;
        }
      }
    }
    return TOOL;
  }

  private static Failure of(SQLException e, String state) {
    if (state.startsWith("08") || PASSING.contains(state) || isSecondEntry(e, state)) {
      return PASSES;
    }
    return ORIGINS.contains(state) || state.startsWith("53") || state.startsWith("58")
        ? ATTEMPT
        : TOOL;
  }

  /** Two attempts were not kept apart by their lock; the unique key is what keeps them apart. */
  private static boolean isSecondEntry(SQLException e, String state) {
    if (!state.equals(PSQLState.UNIQUE_VIOLATION.getState()) || !(e instanceof PSQLException p)) {
      return false;
    }
    ServerErrorMessage message = p.getServerErrorMessage();
    return message != null && "tool_call_pkey".equals(message.getConstraint());
  }

  /** What stored_check says where a user's plan allows no more to be stored. */
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
      return ("Delete what you do not need, then call again. %s of it is the record of your earlier"
              + " calls, so that none is done twice; it is deleted within a day.")
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
