package com.mcpist.origin.ledger;

import com.mcpist.origin.db.Database;
import com.mcpist.origin.module.Invocation;
import java.sql.SQLException;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.SqlStatements;
import org.jspecify.annotations.Nullable;

/**
 * A call that reads: a READ ONLY transaction of its user's from its first use of the database on,
 * and none before. It costs no round trip: pgjdbc sends BEGIN READ ONLY with the first query, and
 * {@link UserOfTransaction} the user.
 */
final class ReadingCall extends ForwardingCall {
  private final Database database;
  private final boolean fresh;
  private final int statementSeconds;
  private @Nullable Handle handle;

  ReadingCall(Invocation invocation, Database database, boolean fresh, int statementSeconds) {
    super(invocation);
    this.database = database;
    this.fresh = fresh;
    this.statementSeconds = statementSeconds;
  }

  @Override
  public Handle database() {
    if (handle == null) {
      handle = open();
    }
    return handle;
  }

  private Handle open() {
    Handle opened = database.openFor(attempt().key().user(), fresh);
    try {
      opened.getConnection().setReadOnly(true);
    } catch (SQLException e) {
      database.discard(opened);
      throw new IllegalStateException("The connection refused to be read-only", e);
    }
    // The driver's own timer: the server's would cost a round trip to set.
    opened.getConfig(SqlStatements.class).setQueryTimeout(statementSeconds);
    opened.setStatementBuilder(new UserOfTransaction(attempt().key().user()));
    return opened;
  }

  /** Ends the transaction, and gives the connection back. */
  void end() throws SQLException {
    Handle open = handle;
    if (open == null) {
      return;
    }
    handle = null;
    try {
      open.getConnection().commit();
    } catch (SQLException e) {
      database.discard(open);
      throw e;
    }
    open.close();
  }

  /** Ends the transaction after a failure. */
  void abandon() {
    if (handle != null) {
      Transactions.undo(database, handle);
      handle = null;
    }
  }
}
