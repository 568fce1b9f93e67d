package com.mcpist.origin.ledger;

import com.mcpist.module.Invocation.Attempt;
import com.mcpist.origin.db.Database;
import java.sql.Connection;
import java.sql.SQLException;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/**
 * The transaction of a call that reads: a READ ONLY one of its user's from its first use of the
 * database on, and none before. Its begin costs no round trip: {@link FirstStatement} sends it, the
 * user and the limits with the first query; nor does its end, where the tool says which statement
 * is the last.
 */
final class ReadingTransaction {
  private static final String NAME =
      "select set_config('mcpist.user_id', ?, true),"
          + " set_config('transaction_read_only', 'on', true),"
          + " set_config('enable_seqscan', 'off', true), set_config('jit', 'off', true),"
          + " set_config('lock_timeout', ?::text, true),"
          + " set_config('statement_timeout', ?::text, true),"
          + " set_config('idle_in_transaction_session_timeout', ?::text, true),"
          + " set_config('transaction_timeout', ledger_time_left(?)::text, true)";

  private final Attempt attempt;
  private final Database database;
  private final boolean fresh;
  private final Ledger.Config limits;
  private @Nullable Handle handle;

  ReadingTransaction(Attempt attempt, Database database, boolean fresh, Ledger.Config limits) {
    this.attempt = attempt;
    this.database = database;
    this.fresh = fresh;
    this.limits = limits;
  }

  Handle handle() {
    if (handle == null) {
      handle = open();
    }
    return handle;
  }

  private Handle open() {
    Handle opened = database.openFor(attempt.key().user(), fresh);
    opened.setStatementBuilder(first());
    return opened;
  }

  void end() throws SQLException {
    Handle open = handle;
    if (open == null) {
      return;
    }
    handle = null;
    Connection connection = open.getConnection();
    try {
      connection.commit(); // Does nothing where the last statement did.
    } catch (SQLException e) {
      database.discard(open);
      throw e;
    }
    open.close();
  }

  void abandon() {
    if (handle != null) {
      Tries.undo(database, handle);
      handle = null;
    }
  }

  /**
   * Names the user in whose name a transaction reads, for row-level security, makes it READ ONLY,
   * and sets its limits, which end it where this origin hangs; and lets no plan read a table from
   * end to end, as one that was made while the table was empty would.
   */
  private FirstStatement first() {
    FirstStatement.Sql name =
        FirstStatement.Sql.of(
            NAME,
            attempt.key().user(),
            limits.lockWait(),
            limits.statementTime(),
            limits.idleTime(),
            attempt.deadline());
    return new FirstStatement(
        name, () -> {}, last -> Boolean.TRUE.equals(last) ? FirstStatement.Sql.of("commit") : null);
  }
}
