package com.mcpist.origin.ledger;

import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.PSQLException;
import org.postgresql.util.PSQLState;
import org.postgresql.util.ServerErrorMessage;

/** Whose fault a failure is, and so who can do something about it. */
enum Failure {
  /**
   * Settled by asking the ledger, and working once more. The transaction may have been committed
   * all the same.
   */
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
}
