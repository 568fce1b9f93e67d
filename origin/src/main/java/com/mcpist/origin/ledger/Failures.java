package com.mcpist.origin.ledger;

import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.PSQLException;
import org.postgresql.util.PSQLState;
import org.postgresql.util.ServerErrorMessage;

/** Which failures of a transaction are settled by asking the ledger and working once more. */
final class Failures {
  /** PostgreSQL's SQLSTATE codes, Appendix A of its manual; class 08 is a lost connection. */
  private static final Set<String> PASSING =
      Set.of(
          "25P03", // idle_in_transaction_session_timeout
          "40001", // serialization_failure
          "40P01", // deadlock_detected
          "55P03", // lock_not_available: the fenced attempt is still ending
          "57P01", // admin_shutdown: the session was ended, as the fence does
          "57P02", // crash_shutdown
          "57P03"); // cannot_connect_now: it is starting

  private Failures() {}

  /**
   * Whether the transaction may have failed for a reason that passes. It may have been committed
   * all the same: only the ledger knows.
   */
  static boolean mayPass(Throwable failure) {
    for (@Nullable Throwable t = failure; t != null; t = t.getCause()) {
      if (t instanceof SQLTransientConnectionException) {
        return false; // The pool has waited as long as makes sense; another origin may do better.
      }
      if (t instanceof SQLException sql && mayPass(sql)) {
        return true;
      }
    }
    return false;
  }

  private static boolean mayPass(SQLException e) {
    String state = e.getSQLState();
    return state != null
        && (state.startsWith("08") || PASSING.contains(state) || isSecondEntry(e, state));
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
