package com.mcpist.origin.ledger;

import com.mcpist.origin.db.Database;
import java.sql.SQLException;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.postgresql.util.PSQLState;

/** How a transaction ends that is not to be committed. */
final class Transactions {
  private Transactions() {}

  /**
   * Rolls back and gives the connection back.
   *
   * @return why it could not be rolled back: its connection is lost, and it has been closed
   */
  static Optional<SQLException> undo(Database database, Handle handle) {
    try {
      handle.getConnection().rollback();
    } catch (SQLException e) {
      database.discard(handle);
      return Optional.of(lost(e));
    }
    handle.close();
    return Optional.empty();
  }

  /** The pool takes away a connection that it knows to be lost, and then says no more than that. */
  static SQLException lost(SQLException e) {
    return new SQLException(
        "The connection was lost: " + e.getMessage(), PSQLState.CONNECTION_FAILURE.getState(), e);
  }
}
